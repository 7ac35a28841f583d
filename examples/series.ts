// What comes next in a series of two waves: `effect-neuron train series.ts --past 32`.
import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, NdArray, Random } from "effect-neuron"

const AHEAD = 8

/** Numbers of two waves from somewhere on, and those that follow them. */
const piece = (seed: number, i: number, past: number) => {
  const [start, slow, fast] = Random.uniform(Key.fold(Key.make(seed), i), 3)
  const at = (t: number) => Math.sin(0.2 * (t + 100 * start!)) * (0.5 + slow!) + 0.3 * Math.sin(0.9 * t + 6 * fast!)
  const values = Float32Array.from({ length: past + AHEAD }, (_, t) => at(t))
  return {
    x: NdArray.make(values.slice(0, past), [past, 1]),
    y: NdArray.make(values.slice(past), [AHEAD, 1])
  }
}

export const series = Experiment.supervised({
  name: "series",
  description: `The next ${AHEAD} numbers of a series of two waves`,
  config: Schema.Struct({
    ...Experiment.options({ epochs: 15, learningRate: 3e-3, schedule: "cosine" }),
    past: Experiment.option(Experiment.positiveInt, 40, "How many numbers are known"),
    hidden: Experiment.option(Experiment.positiveInt, 64, "Units in the hidden layer")
  }),
  data: ({ past }) =>
    Datasets.generate({
      name: "waves",
      shapes: { x: [past, 1], y: [AHEAD, 1] },
      sizes: { train: 4000, test: 500 },
      example: (split, i) => piece(split === "train" ? 1 : 2, i, past)
    }),
  model: ({ hidden }) =>
    Layers.named({
      flat: Layers.flatten,
      hidden: Layers.dense(hidden),
      relu: Layers.relu,
      head: Layers.dense(AHEAD),
      series: Layers.reshape([AHEAD, 1])
    }),
  loss: () => Losses.meanSquaredError
})
