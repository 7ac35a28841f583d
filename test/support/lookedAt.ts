import { fileOf } from "./ownExperiments.ts"

/** A file of small experiments whose inputs are looked at in different ways. */
export const lookedAt = fileOf(`
const config = Schema.Struct(Experiment.options({ epochs: 1, batchSize: 4, validation: 0 }))
const floats = (...shape: ReadonlyArray<number>) => {
  const length = shape.reduce((product, n) => product * n, 8)
  return { data: Float32Array.from({ length }, (_, i) => (i * 7 % 11) / 11), shape: [8, ...shape] }
}
const tokens = { data: Int32Array.from({ length: 8 * 3 }, (_, i) => i % 4), shape: [8, 3] }
const all = (x: any, y: any) => () => Datasets.fromArrays({ x, y, test: { x, y } })
const target = { kind: "row", names: ["answer"] } as const
const regression = { config, loss: () => Losses.meanSquaredError }
const flat = () => Layers.named({ flat: Layers.flatten, head: Layers.dense(1) })

export const point = Experiment.supervised({
  ...regression, name: "point", data: all(floats(2), floats(1)), model: flat,
  show: () => ({ input: { kind: "point", ranges: [[0, 1], [0, 1]] }, target })
})
export const series = Experiment.supervised({
  ...regression, name: "series", data: all(floats(3, 2), floats(1)), model: flat,
  show: () => ({ input: { kind: "series", names: ["open", "close"] }, target })
})
export const moments = Experiment.supervised({
  ...regression, name: "moments", data: all(floats(3), floats(1)), model: () => Layers.dense(1),
  show: () => ({ input: { kind: "series", names: ["level"] }, target })
})
export const color = Experiment.supervised({
  ...regression, name: "color", data: all(floats(2, 2, 3), floats(1)), model: flat,
  show: () => ({ input: { kind: "image", range: [0, 1] }, target })
})
export const text = Experiment.supervised({
  ...regression, name: "text", data: all(tokens, floats(1)),
  model: () => Layers.named({ tokens: Layers.embedding({ size: 4, features: 3 }), flat: Layers.flatten, head: Layers.dense(1) }),
  show: () => ({ input: { kind: "text", tokenizer: Text.vocabulary(["a", "b", "ab", " "]).description }, target })
})
export const two = Experiment.supervised({
  ...regression, name: "two", data: all({ left: floats(2), right: floats(3) }, floats(1)),
  model: () =>
    Layers.graph(
      { inputs: { left: "left", right: "right" } },
      ["both", Layers.concatenate("0", "1"), ["left", "right"]],
      ["head", Layers.dense(1)]
    )
})
`)
