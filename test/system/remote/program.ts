import { Effect, Schema, Stream } from "effect"
// A thread of Node alone reads this file, where the package's own name means what has been built.
import { Key, Layers, Losses, Metrics, NdArray, Optimizers, Random, Train } from "../../../src/index.ts"
import { define } from "../../../src/remote/definition.ts"
import * as Remote from "../../../src/remote/index.ts"

/** An error of the program's own. */
export class NoSuchData extends Schema.TaggedError<NoSuchData>()("NoSuchData", { name: Schema.String }) {}

export const Bands = define({
  config: Schema.Struct({
    seed: Schema.Int,
    learningRate: Schema.Number,
    /** How many batches there are; without it no end of them. */
    batches: Schema.optionalKey(Schema.Int),
    hidden: Schema.optionalKey(Schema.Int),
    readEvery: Schema.optionalKey(Schema.Int),
    fault: Schema.optionalKey(Schema.Literals(["missing", "shape", "batch", "data", "nan", "crash", "fixed rate"]))
  }),
  failure: NoSuchData
})
export type Config = typeof Bands.config.Type

/** The same, with the backend to train on. */
export const Chosen = define({
  config: Schema.Struct({
    ...Bands.config.fields,
    backend: Schema.Literals(["wasm", "cpu", "webgl"]),
    threads: Schema.optionalKey(Schema.Int)
  }),
  failure: NoSuchData
})

/** Batch `i` of 16 rows of noise, with one of four bands bright, which is the class. */
export const batch = (i: number) => {
  const x = Random.uniform(Key.fold(Key.make(5), i), 16 * 16, { high: 0.8 }), y = new Int32Array(16)
  for (let row = 0; row < 16; row++) {
    y[row] = (16 * i + row) * 7 % 4
    for (let j = 0; j < 4; j++) x[row * 16 + y[row]! * 4 + j]! += 0.5
  }
  return { x: NdArray.make(x, [16, 16]), y: NdArray.make(y, [16]), size: 16 }
}

export const parts = ({ fault, hidden = 8, learningRate, readEvery = 1, seed }: Config) => {
  const model = Layers.named({
    hidden: Layers.dense(hidden),
    relu: Layers.relu,
    drop: Layers.dropout(0.25),
    head: Layers.serial(Layers.dense(6), Layers.tanh, Layers.dense(4))
  })
  const optimizer = fault === "fixed rate"
    ? Optimizers.adam(learningRate)
    : Optimizers.adjustable(Optimizers.adam, learningRate)
  const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const
  const init = Train.init({ model, optimizer, input: fault === "shape" ? [] : [16], key: Key.make(seed) })
  return { supervision, trainer: Train.make(init, Train.supervised({ ...supervision, optimizer }), { readEvery }) }
}

export const make = (config: Config) =>
  Effect.gen(function*() {
    const { batches = Infinity, fault } = config
    if (fault === "missing") return yield* new NoSuchData({ name: "bands" })
    const { supervision, trainer: makeTrainer } = parts(config)
    const trainer = yield* makeTrainer
    const data = Stream.iterate(0, (i) => i + 1).pipe(
      Stream.takeWhile((i) => i < batches),
      Stream.mapEffect((i) => {
        if (fault === "data" && i === 2) return Effect.fail(new NoSuchData({ name: "batch 2" }))
        if (fault === "crash" && i === 2) setImmediate(() => process.exit(3))
        const { x, ...rest } = batch(i)
        if (fault === "nan" && i === 2) x.data[0] = NaN
        return Effect.succeed(
          fault === "batch" && i === 2 ? { ...rest, x: { ...x, shape: [16, 8, 2] } } : { ...rest, x }
        )
      })
    )
    return Remote.supervised({
      ...supervision,
      trainer,
      batches: data,
      test: Stream.make(batch(1000), batch(1001)),
      confusion: true
    })
  })
