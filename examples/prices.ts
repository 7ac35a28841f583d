// The price of a flat from a row of a table: `effect-neuron train prices.ts --hidden 64`.

import * as tf from "@tensorflow/tfjs-core"
import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, Metrics, NdArray, Random } from "effect-neuron"

const names = ["rooms", "square meters", "floor", "kilometers to the center"]

/** A flat, and its price in thousands, which has some noise. */
const flat = (seed: number, i: number) => {
  const [a, b, c, d, noise] = Random.uniform(Key.fold(Key.make(seed), i), 5)
  const rooms = 1 + Math.floor(5 * a!), area = 20 * rooms + 30 * b!, floor = Math.floor(8 * c!), distance = 12 * d!
  const price = area * (6 - 0.25 * distance) + 8 * floor + 20 * (noise! - 0.5)
  return { x: NdArray.make([rooms, area, floor, distance], [4]), y: NdArray.make([price], [1]) }
}

const offBy = Metrics.mean("offBy", (price: tf.Tensor, wanted: tf.Tensor) => tf.abs(tf.sub(price, wanted)))

export const prices = Experiment.supervised({
  name: "prices",
  description: "The price of a flat, in thousands, from a row of a table",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 40, learningRate: 0.01, schedule: "cosine" }),
    hidden: Experiment.option(Experiment.positiveInt, 32, "Units in the hidden layer")
  }),
  data: () =>
    Datasets.generate({
      name: "flats",
      shapes: { x: [4], y: [1] },
      sizes: { train: 2000, test: 500 },
      example: (split, i) => flat(split === "train" ? 1 : 2, i)
    }),
  model: ({ hidden }) =>
    Layers.named({
      norm: Layers.batchNorm(),
      hidden: Layers.dense(hidden),
      relu: Layers.relu,
      head: Layers.dense(1),
      thousands: Layers.rescale({ scale: 100 })
    }),
  loss: () => Losses.meanSquaredError,
  metrics: () => [offBy],
  show: () => ({ input: { kind: "row", names }, target: { kind: "row", names: ["price"] } })
})
