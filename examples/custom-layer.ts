// A layer of one's own: radial basis functions (Broomhead and Lowe, "Radial basis functions, multi-variable functional
// interpolation and adaptive networks", 1988), which classify two rings around each other.
// npm run example examples/custom-layer.ts
import * as tf from "@tensorflow/tfjs-core"
import { Console, Effect, Option, Result, Stream } from "effect"
import { Backend, Initializers, Key, Layers, Losses, Metrics, NdArray, Optimizers, Random, Train } from "effect-neuron"

type Rbf = { readonly centers: tf.Tensor; readonly logWidths: tf.Tensor }

/** y = exp(-|x - c|² / w²) for each of its centers c, of width w: [features] to [centers]. */
const rbf = (centers: number): Layers.Layer<Rbf, Layers.Empty> =>
  Layers.stateless<Rbf>({
    name: `rbf(${centers})`,
    init: (key, input) =>
      input.length === 1
        ? Result.map(Layers.known("rbf", "[features]", input, 1), ([features]) => ({
          params: {
            centers: Initializers.normal({ stddev: 1 })(key, [centers, features]),
            logWidths: Initializers.zeros(key, [centers])
          },
          output: [centers]
        }))
        : Layers.mismatch("rbf", "[features]", input),
    apply: ({ centers, logWidths }, x) => {
      const distances = tf.sum(tf.squaredDifference(tf.expandDims(x, 1), tf.expandDims(centers, 0)), -1)
      return tf.exp(tf.neg(tf.div(distances, tf.exp(tf.mul(logWidths, 2)))))
    }
  })

/** 128 points, those of class 0 at a distance of 1 from the origin, those of class 1 at 2. */
const ring = (step: number) => {
  const key = Key.fold(Key.make(3), step)
  const angles = Random.uniform(Key.fold(key, 0), 128, { high: 2 * Math.PI }),
    noise = Random.normal(Key.fold(key, 1), 128, { stddev: 0.1 })
  const x = new Float32Array(256), y = new Int32Array(128)
  for (let i = 0; i < 128; i++) {
    y[i] = i % 2
    x[2 * i] = (1 + y[i]! + noise[i]!) * Math.cos(angles[i]!)
    x[2 * i + 1] = (1 + y[i]! + noise[i]!) * Math.sin(angles[i]!)
  }
  return { x: NdArray.make(x, [128, 2]), y: NdArray.make(y, [128]), size: 128 }
}

const model = Layers.named({ rbf: rbf(12), head: Layers.dense(2) })
const optimizer = Optimizers.adam(0.05)

const program = Effect.gen(function*() {
  const trainer = yield* Train.make(
    Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
    Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] })
  )
  const last = yield* Stream.iterate(0, (i) => i + 1).pipe(
    Stream.map(ring),
    trainer.run,
    Stream.take(200),
    Stream.runLast
  )
  const { accuracy, loss } = Option.getOrThrow(last)
  yield* Console.log(`after 200 steps: loss ${loss.toFixed(4)}, accuracy ${accuracy}`)
  if (accuracy < 0.97) return yield* Effect.fail(`expected an accuracy of 0.97, got ${accuracy}`)
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
