/** An experiment to begin with, its test, and points to predict, by the names of their files. */
export const template: { readonly [file: string]: string } = {
  "experiment.ts": `import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, Metrics, NdArray, Random } from "effect-neuron"

// Your own rows stand here: numbers, and the class that each belongs to. These are points in the plane, and whether
// they are in a circle.
const rows = Array.from({ length: 1200 }, (_, i) => [...Random.uniform(Key.fold(Key.make(7), i), 2, { low: -1 })])
const classes = rows.map(([a, b]) => Math.hypot(a!, b!) < 0.7 ? 1 : 0)

const part = (from: number, to: number) => ({
  x: NdArray.make(rows.slice(from, to)),
  y: NdArray.make(Int32Array.from(classes.slice(from, to)), [to - from])
})

export const circle = Experiment.supervised({
  name: "circle",
  description: "Points in a circle, told from others",
  // Each field is an option of the command line, and a field of the form in the page.
  config: Schema.Struct({
    ...Experiment.options({ epochs: 20, learningRate: 0.01, schedule: "cosine" }),
    hidden: Experiment.option(Experiment.positiveInt, 32, "Units in each hidden layer")
  }),
  data: () => Datasets.fromArrays({ ...part(0, 1000), classes: ["outside", "inside"], test: part(1000, 1200) }),
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
`,
  "experiment.test.ts": `import { Effect, Stream } from "effect"
import { Backend, Experiment, Train } from "effect-neuron"
import assert from "node:assert/strict"
import { test } from "node:test"
import { circle } from "./experiment.ts"

test("the model learns what it is shown", async () => {
  const program = Effect.gen(function*() {
    const config = yield* Experiment.parse(circle.name, circle.config, { epochs: 10 })
    const { batches, evaluate, init, step } = yield* circle.open(config)
    const trainer = yield* Train.make(init, step)
    yield* Stream.runDrain(batches(0).pipe(trainer.run))
    return yield* evaluate!("test", trainer)
  })
  const { accuracy } = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
  assert.ok(Number(accuracy) > 0.9, \`accuracy \${accuracy}\`)
})
`,
  "points.csv": `x,y
0.1,0.2
0.6,0
0.9,0.9
`
}

/** The package of a folder that has none. */
export const packageOf = (name: string, version: string, peers: { readonly [name: string]: string }): string =>
  `${
    JSON.stringify(
      {
        name,
        private: true,
        type: "module",
        scripts: {
          train: "effect-neuron train experiment.ts",
          test: "node --test",
          dashboard: "effect-neuron dashboard experiment.ts"
        },
        dependencies: { ...peers, "effect-neuron": version },
        // It bundles the experiment for the page.
        devDependencies: { vite: "^8.0.0" }
      },
      undefined,
      2
    )
  }\n`
