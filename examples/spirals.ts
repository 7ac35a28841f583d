// Two spirals in the plane, told apart: `npx effect-neuron train spirals.ts --hidden 64`.
import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, Metrics, NdArray, Random } from "effect-neuron"

/** A point of a spiral of one and a half turns, with some noise. */
const point = (seed: number, i: number) => {
  const [along, dx, dy] = Random.uniform(Key.fold(Key.make(seed), i), 3)
  const label = i % 2, radius = 0.1 + 0.85 * along!, angle = 3 * Math.PI * along! + Math.PI * label
  const x = radius * Math.cos(angle) + 0.05 * (dx! - 0.5), y = radius * Math.sin(angle) + 0.05 * (dy! - 0.5)
  return { x: NdArray.make([x, y], [2]), y: NdArray.index(label) }
}

export const spirals = Experiment.supervised({
  name: "spirals",
  description: "Two spirals in the plane, told apart",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 20, learningRate: 0.01, schedule: "cosine" }),
    hidden: Experiment.option(Experiment.positiveInt, 32, "Units in each of the two hidden layers"),
    points: Experiment.option(Experiment.positiveInt, 2000, "Points to train with")
  }),
  data: ({ points, seed }) =>
    Datasets.generate({
      name: "spirals",
      shapes: { x: [2], y: [] },
      classes: ["inner", "outer"],
      sizes: { train: points, test: 500 },
      example: (split, i) => point(split === "train" ? 2 * seed : 2 * seed + 1, i)
    }),
  model: ({ hidden }) =>
    Layers.named({
      hidden1: Layers.dense(hidden),
      relu1: Layers.relu,
      hidden2: Layers.dense(hidden),
      relu2: Layers.relu,
      head: Layers.dense(2)
    }),
  loss: () => Losses.softmaxCrossEntropy,
  metrics: () => [Metrics.accuracy]
})
