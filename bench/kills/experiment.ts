import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, Metrics, NdArray, Random } from "../../src/index.ts"

// Rows of noise, of which a third is labelled at random: validations get better and worse.
const WIDTH = 12, TRAIN = 500, TEST = 4000
const next = Random.generator(Key.make(3))
const rows = Array.from({ length: TRAIN + TEST }, () => Array.from({ length: WIDTH }, () => 2 * next() - 1))
const classes = rows.map((row) => Number(next() < 1 / 3 ? next() < 0.5 : row[0]! * row[1]! > 0))

const part = (from: number, to: number) => ({
  x: NdArray.make(rows.slice(from, to)),
  y: NdArray.make(Int32Array.from(classes.slice(from, to)), [to - from])
})

/** A small run with all that a state can hold: dropout, averages of batches, moments of an optimizer, a schedule. */
export const noise = Experiment.supervised({
  name: "noise",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 10, batchSize: 16, learningRate: 0.03, schedule: "cosine", validation: 0.3 })
  }),
  data: () => Datasets.fromArrays({ ...part(0, TRAIN), test: part(TRAIN, TRAIN + TEST) }),
  model: () =>
    Layers.named({
      hidden: Layers.dense(48),
      norm: Layers.batchNorm(),
      relu: Layers.relu,
      drop: Layers.dropout(0.3),
      head: Layers.dense(2)
    }),
  loss: () => Losses.softmaxCrossEntropy,
  metrics: () => [Metrics.accuracy]
})
