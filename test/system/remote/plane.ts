import { Schema } from "effect"
// A thread of Node alone reads this file, where the package's own name means what has been built.
import { Datasets, Experiment, Layers, Losses, Metrics, NdArray } from "../../../src/index.ts"

const points = Array.from({ length: 160 }, (_, i) => [Math.sin(5 * i), Math.cos(3 * i)] as const)

const arrays = (some: typeof points) => ({
  x: NdArray.make(some),
  y: NdArray.make(Int32Array.from(some, ([a, b]) => a * b > 0 ? 1 : 0), [some.length])
})

/** Which of two quarters of the plane a point is in. */
export const plane = Experiment.supervised({
  name: "plane",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 5, batchSize: 16 }),
    hidden: Experiment.option(Experiment.positiveInt, 4),
    labels: Experiment.option(Schema.Array(Schema.String), ["other", "same"])
  }),
  data: () => Datasets.fromArrays({ ...arrays(points), test: arrays(points.slice(0, 20)), classes: ["other", "same"] }),
  model: ({ hidden }) => Layers.named({ hidden: Layers.dense(hidden), relu: Layers.relu, head: Layers.dense(2) }),
  loss: () => Losses.softmaxCrossEntropy,
  metrics: () => [Metrics.accuracy],
  show: ({ labels }) => ({
    input: { kind: "point", ranges: [[-1, 1], [-1, 1]] },
    target: { kind: "class", classes: labels }
  })
})
