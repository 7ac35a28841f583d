import { Effect, FileSystem } from "effect"

const HEAD = `import { Effect, Schema, Stream } from "effect"
import { Datasets, Experiment, Layers, Losses, Metrics, NdArray, Text } from "effect-neuron"
`

/** A file of experiments, as a user has it. */
export const fileOf = (...lines: ReadonlyArray<string>): string => [HEAD, ...lines].join("\n")

/**
 * Sixty rows of two numbers, fifty to train with, and their sum, which `sums` learns; `options` are further fields of
 * its configuration.
 */
export const sums = (name: string, options = ""): string => `
const rows = Array.from({ length: 60 }, (_, i) => [i % 7, i % 5])
const part = (from: number, to: number) => ({
  x: NdArray.make(rows.slice(from, to)),
  y: NdArray.make(rows.slice(from, to).map(([a, b]) => [a! + b!]))
})
export const ${name} = Experiment.supervised({
  name: "${name}",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 3, batchSize: 10, learningRate: 0.1, validation: 0.2 }),
    hidden: Experiment.option(Experiment.positiveInt, 4, "Units of the hidden layer"),
    kind: Experiment.option(Schema.Literals(["relu", "tanh"]), "relu", "What bends"),
    biased: Experiment.option(Schema.Boolean, true, "Whether there is a bias"),
    ${options}
  }),
  data: () => Datasets.fromArrays({ ...part(0, 50), test: part(50, 60) }),
  model: ({ hidden, kind }) =>
    Layers.named({ hidden: Layers.dense(hidden), bends: Layers[kind], head: Layers.dense(1) }),
  loss: () => Losses.meanSquaredError,
  show: () => ({ input: { kind: "row", names: ["left", "right"] }, target: { kind: "row", names: ["sum"] } })
})
`

/** A folder with files of experiments in it, each of a name of its own, for a module is loaded once. */
export const folderWith = (files: { readonly [name: string]: string }) =>
  Effect.gen(function*() {
    const system = yield* FileSystem.FileSystem, path = yield* system.makeTempDirectoryScoped()
    for (const [name, text] of Object.entries(files)) yield* system.writeFileString(`${path}/${name}`, text)
    return path
  })
