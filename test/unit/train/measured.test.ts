import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

type State = { readonly step: number; readonly w: tf.Tensor; readonly v: tf.Tensor }

const initial = Backend.tensors("initial", () => ({ step: 0, w: tf.scalar(5), v: tf.scalar(7) }))

/** Measures a tensor that stays, one that goes and one that comes, by themselves and in parts. */
const step = Train.step(() => "measuring step", (state: State, x: number) => {
  const { step, v, w } = state, next = tf.add(v, x)
  const parts = [{ w, old: [v], next, count: 1 }]
  const m: Metrics.Measurement<number> = { parts, merge: (a) => a, finish: (a) => (a as { w: Float64Array }).w[0]! }
  return [{ step: step + 1, w, v: next }, { m, w, v, next }]
})

layer(Backend.layerWasm)("What a step measures", (it) => {
  for (const readEvery of [1, 2]) {
    it.effect(`may be of the state, read every ${readEvery}`, () =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(initial, step, { readEvery })
        const seen = yield* Stream.make(1, 2).pipe(trainer.run, Stream.runCollect)
        assert.deepStrictEqual(seen.map(({ m, next, v, w }) => [m, w, v, next]), [[5, 5, 7, 8], [5, 5, 8, 10]])
        const { v, w } = yield* trainer.state
        assert.deepStrictEqual([w.arraySync(), v.arraySync()], [5, 10])
      }).pipe(Effect.scoped, leavesNoTensor))
  }

  it.effect("and an evaluation may be a parameter", () =>
    Effect.gen(function*() {
      const model = Layers.make<{ readonly b: tf.Tensor }, {}>({
        name: "constant",
        init: (_, input) => Result.succeed({ params: { b: tf.ones([2, 1]) }, state: {}, output: input }),
        apply: ({ b }, state) => [b, state]
      })
      const itself = Metrics.make({
        name: "itself",
        measure: (y: tf.Tensor) => ({ y }),
        merge: (a) => a,
        finish: ({ y }) => [...y]
      })
      const supervision = { model, loss: Losses.meanSquaredError, metrics: [itself] }
      const optimizer = Optimizers.sgd(0.1)
      const batch = { x: NdArray.make([[1], [2]]), y: NdArray.make([[1], [1]]), size: 2 }
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
        Train.supervised({ ...supervision, optimizer })
      )
      yield* Stream.runDrain(trainer.run(Stream.make(batch)))
      const evaluated = yield* Train.evaluate(Stream.make(batch, batch), supervision, trainer)
      assert.deepStrictEqual(evaluated.itself, [1, 1])
      assert.deepStrictEqual((yield* trainer.state).params.b.arraySync(), [[1], [1]])
    }).pipe(Effect.scoped, leavesNoTensor))
})
