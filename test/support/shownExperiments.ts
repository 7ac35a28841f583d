import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, Metrics, NdArray, Optimizers, Random, Text } from "effect-neuron"

/** Small experiments of one's own, one for each way in which examples look, of which each learns in a few seconds. */
const config = Schema.Struct(Experiment.options({ epochs: 1000, learningRate: 0.01, validation: 0.1 }))

const sizes = { train: 400, test: 40 }

/** Numbers from 0 to 1 that are always the same for an example. */
const drawn = (split: string, i: number, count: number): Float32Array =>
  Random.uniform(Key.fold(Key.make(split === "train" ? 1 : 2), i), count)

const letters = [" ", ..."abcdefghijklmnopqrstuvwxyz"], LENGTH = 12

/** Texts of letters, told apart by whether there is a z in them. */
export const letterZ = Experiment.supervised({
  name: "letter-z",
  description: "Texts with a z, and texts without",
  config,
  data: () =>
    Datasets.generate({
      name: "letter-z",
      shapes: { x: [LENGTH], y: [] },
      classes: ["without z", "with z"],
      sizes,
      example: (split, i) => {
        const values = drawn(split, i, LENGTH + 1)
        const x = Int32Array.from(values.subarray(0, LENGTH), (value) => Math.floor(25.99 * value))
        if (i % 2 === 1) x[Math.floor(values[LENGTH]! * LENGTH)] = 26
        return { x: NdArray.make(x, [LENGTH]), y: NdArray.index(i % 2) }
      }
    }),
  model: () =>
    Layers.named({
      embedding: Layers.embedding({ size: letters.length, features: 4 }),
      flat: Layers.flatten,
      head: Layers.dense(2)
    }),
  loss: () => Losses.softmaxCrossEntropy,
  metrics: () => [Metrics.accuracy],
  show: () => ({
    input: { kind: "text", tokenizer: Text.vocabulary(letters).description },
    target: { kind: "class", classes: ["without z", "with z"] }
  })
})

const PAST = 24, AHEAD = 8

/** Waves of two channels, of which the course goes on: the second is a quarter of a period behind the first. */
export const waves = Experiment.supervised({
  name: "waves",
  description: "How two waves go on",
  config,
  data: () =>
    Datasets.generate({
      name: "waves",
      shapes: { x: [PAST, 2], y: [AHEAD, 2] },
      sizes,
      example: (split, i) => {
        const [start, speed] = drawn(split, i, 2)
        const at = (moment: number, channel: number) =>
          Math.sin(6.28 * start! + (0.3 + 0.2 * speed!) * moment - channel * 1.57)
        const course = (from: number, length: number) =>
          NdArray.make(Float32Array.from({ length: 2 * length }, (_, j) => at(from + (j >> 1), j % 2)), [length, 2])
        return { x: course(0, PAST), y: course(PAST, AHEAD) }
      }
    }),
  model: () =>
    Layers.named({ flat: Layers.flatten, head: Layers.dense(2 * AHEAD), course: Layers.reshape([AHEAD, 2]) }),
  loss: () => Losses.meanSquaredError,
  show: () => ({
    input: { kind: "series", names: ["height", "pull"] },
    target: { kind: "series", names: ["height", "pull"] }
  })
})

/** Straight lines with one number more: what comes next is the last value and the slope. */
export const lines = Experiment.supervised({
  name: "lines",
  description: "The next value of a straight line",
  config,
  data: () =>
    Datasets.generate({
      name: "lines",
      shapes: { x: [10], y: [1] },
      sizes,
      example: (split, i) => {
        const [start, slope] = drawn(split, i, 2), at = (moment: number) => start! + (slope! - 0.5) * moment / 5
        return { x: NdArray.make(Float32Array.from({ length: 10 }, (_, j) => at(j)), [10]), y: NdArray.make([at(10)]) }
      }
    }),
  model: () => Layers.named({ head: Layers.dense(1) }),
  loss: () => Losses.meanSquaredError,
  show: () => ({ input: { kind: "series", names: ["height"] }, target: { kind: "row", names: ["height"] } })
})

const SIDE = 32, paints = ["red", "green", "blue"]

/** Color images with a disk, told apart by its color. */
export const paint = Experiment.supervised({
  name: "paint",
  description: "The color of a disk",
  config,
  data: () =>
    Datasets.generate({
      name: "paint",
      shapes: { x: [SIDE, SIDE, 3], y: [] },
      classes: paints,
      sizes: { train: 150, test: 20 },
      example: (split, i) => {
        const [across = 0, down = 0, bright = 0] = drawn(split, i, 3), label = i % 3
        const x = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, j) => {
          const c = j % 3, at = Math.floor(j / 3)
          const isIn = Math.hypot(at % SIDE - 8 - 16 * across, Math.floor(at / SIDE) - 8 - 16 * down) < 7
          return isIn ? (c === label ? 0.6 + 0.4 * bright : 0.15) : 0.05 + 0.1 * c
        })
        return { x: NdArray.make(x, [SIDE, SIDE, 3]), y: NdArray.index(label) }
      }
    }),
  model: () =>
    Layers.named({
      conv: Layers.conv2d({ filters: 6, kernelSize: 3, strides: 2 }),
      relu: Layers.relu,
      pool: Layers.globalAvgPool2d,
      head: Layers.dense(3)
    }),
  loss: () => Losses.softmaxCrossEntropy,
  metrics: () => [Metrics.accuracy],
  show: () => ({ input: { kind: "image", range: [0, 1] }, target: { kind: "class", classes: paints } })
})

const SMALL = 16

/** Images that are given back, through few numbers. */
export const copies = Experiment.supervised({
  name: "copies",
  description: "A disk, given back by way of eight numbers",
  config,
  data: () =>
    Datasets.generate({
      name: "copies",
      shapes: { x: [SMALL, SMALL, 1], y: [SMALL, SMALL, 1] },
      sizes,
      example: (split, i) => {
        const [across = 0, down = 0] = drawn(split, i, 2)
        const x = NdArray.make(
          Float32Array.from({ length: SMALL * SMALL }, (_, at) =>
            Math.hypot(at % SMALL - 4 - 8 * across, Math.floor(at / SMALL) - 4 - 8 * down) < 3.5 ? 1 : 0),
          [SMALL, SMALL, 1]
        )
        return { x, y: x }
      }
    }),
  model: () =>
    Layers.named({
      flat: Layers.flatten,
      code: Layers.dense(8),
      relu: Layers.relu,
      wide: Layers.dense(SMALL * SMALL),
      image: Layers.reshape([SMALL, SMALL, 1]),
      sigmoid: Layers.sigmoid
    }),
  loss: () => Losses.meanSquaredError,
  show: () => ({ input: { kind: "image", range: [0, 1] }, target: { kind: "image", range: [0, 1] } })
})

/** What never gets better: it ends when its patience does, after the first validation and so many more. */
export const stuck = Experiment.supervised({
  name: "stuck",
  description: "The sum of two numbers, not learned",
  config: Schema.Struct(Experiment.options({ epochs: 100_000, batchSize: 1000, validation: 0.1, patience: 800 })),
  data: () =>
    Datasets.generate({
      name: "stuck",
      shapes: { x: [2], y: [1] },
      sizes: { train: 20, test: 2 },
      example: (split, i) => {
        const [left, right] = drawn(split, i, 2)
        return { x: NdArray.make([left!, right!], [2]), y: NdArray.make([left! + right!]) }
      }
    }),
  model: () => Layers.named({ head: Layers.dense(1) }),
  loss: () => Losses.meanSquaredError,
  optimizer: () => Optimizers.sgd(0)
})
