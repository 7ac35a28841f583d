import { assert, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Key, Layers, Losses, Metrics, NdArray, Optimizers, Train } from "effect-neuron"
import { backends, hasWebgpu, webgpu } from "./backends.ts"

const all = (await Effect.runPromise(hasWebgpu)) ? [...backends, ["webgpu", webgpu] as const] : backends
const optimizer = Optimizers.sgd(0.1), ignoring = { ignoreIndex: -1 }

for (const [name, layer] of all) {
  it.effect(`accuracy and confusion follow one rule for NaN and ignored labels on ${name}`, () =>
    Effect.gen(function*() {
      const identity = Layers.activation("identity", (x) => x)
      const x = NdArray.make([[1, 1], [NaN, 7], [0, 1], [-Infinity, 2], [3, NaN], [4, 0]])
      const batch = { x, y: NdArray.make(Int32Array.of(0, 1, 1, 0, 0, -1), [6]), size: 6 }
      const metrics = [Metrics.accuracy(ignoring), Metrics.confusion(2, ignoring)]
      const loss = (y: tf.Tensor, t: tf.Tensor) => Losses.softmaxCrossEntropy(y, t, ignoring)
      const { accuracy, confusion } = yield* Train.evaluate(
        Stream.make(batch),
        { model: identity, loss, metrics },
        { params: {}, state: {} }
      )
      assert.deepStrictEqual(confusion.counts, [[1, 1], [0, 1]])
      assert.approximately(accuracy, 0.4, 1e-6)
      const error = yield* Effect.flip(
        Train.evaluate(
          Stream.make(batch),
          { model: identity, loss, metrics: [Metrics.accuracy] },
          { params: {}, state: {} }
        )
      )
      assert.match(error.message, /accuracy expects class indices from 0 to 1, got -1/)
    }).pipe(Effect.provide(layer)))

  it.effect(`masked labels may be any, and the others are looked at on ${name}`, () =>
    Effect.gen(function*() {
      const model = Layers.each({ x: Layers.dense(2), mask: Layers.identity })
      const supervision = { model, optimizer, loss: Losses.masked(Losses.softmaxCrossEntropy) }
      const init = Train.init({ model, optimizer, input: { x: [2, 1], mask: [2] }, key: Key.make(1) })
      const run = (y: ReadonlyArray<number>) =>
        Effect.scoped(Effect.gen(function*() {
          const trainer = yield* Train.make(
            init,
            Train.supervised({ ...supervision, metrics: [Metrics.masked(Metrics.accuracy)] })
          )
          const x = { x: NdArray.make([[[1], [2]]]), mask: NdArray.make([[1, 0]]) }
          const batch = { x, y: NdArray.make(Int32Array.from(y), [1, 2]), size: 1 }
          return yield* Stream.make(batch).pipe(trainer.run, Stream.runCollect)
        }))
      const [found] = yield* run([1, -1]), [expected] = yield* run([1, 1])
      assert.isTrue(Number.isFinite(found!.loss))
      assert.deepStrictEqual([found!.loss, found!.accuracy], [expected!.loss, expected!.accuracy])
      assert.match((yield* Effect.flip(run([-1, 1]))).message, /expects class indices from 0 to 1, got -1/)
    }).pipe(Effect.provide(layer)))
}
