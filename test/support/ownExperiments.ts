import { fileURLToPath } from "node:url"

/** Files of experiments as a user has them, in the place of what a package would be called the sources. */
const library = fileURLToPath(new URL("../../src/index.ts", import.meta.url))

/** A program that imports the library's namespaces, as a text. */
export const program = (...lines: ReadonlyArray<string>): string =>
  [
    `import { Effect, Schema, Stream } from "effect"`,
    `import { Datasets, Experiment, Layers, Losses, Metrics, NdArray } from ${JSON.stringify(library)}`,
    ...lines
  ].join("\n")

/** Sixty rows of two numbers, fifty to train with, and their sum. */
export const sums = [
  "const rows = Array.from({ length: 60 }, (_, i) => [i % 7, i % 5])",
  "const x = (from, to) => NdArray.make(rows.slice(from, to))",
  "const y = (from, to) => NdArray.make(rows.slice(from, to).map(([a, b]) => [a + b]))",
  "const data = () => Datasets.fromArrays({ x: x(0, 50), y: y(0, 50), test: { x: x(50, 60), y: y(50, 60) } })",
  "const parts = { data, model: () => Layers.dense(1), loss: () => Losses.meanSquaredError }"
].join("\n")
