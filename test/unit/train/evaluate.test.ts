import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Layers, Losses, Metrics, NdArray, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, init, model, supervision } from "../../support/training.ts"

const weights = Effect.acquireRelease(init, (state) => Effect.sync(() => Tree.disposeExcept(state)))

layer(Backend.layerWasm)("Evaluation", (it) => {
  it.effect("weighs batches by their size: the same over one batch and over uneven ones", () =>
    Effect.gen(function*() {
      const state = yield* weights
      const { x, y } = batch(0)
      const part = (from: number, to: number) => ({
        x: NdArray.make(x.data.slice(from * 64, to * 64), [to - from, 8, 8, 1]),
        y: NdArray.make(y.data.slice(from, to), [to - from]),
        size: to - from
      })
      const whole = yield* Train.evaluate(supervision, state, Stream.make(part(0, 16)))
      const parts = yield* Train.evaluate(supervision, state, Stream.make(part(0, 9), part(9, 15), part(15, 16)))
      assert.strictEqual(parts.size, 16)
      assert.approximately(parts.loss, whole.loss, 1e-6)
      assert.approximately(parts.accuracy, whole.accuracy, 1e-6)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("runs layers in their inference form: no dropout, running statistics, the same twice", () =>
    Effect.gen(function*() {
      const state = yield* weights
      const once = yield* Train.evaluate(supervision, state, Stream.make(batch(0)))
      assert.deepStrictEqual(yield* Train.evaluate(supervision, state, Stream.make(batch(0))), once)
      const expected = yield* Backend.tensors("by hand", () => {
        const x = tf.tensor4d(batch(0).x.data as Float32Array, [16, 8, 8, 1])
        const [logits] = model.apply(state.params, state.state, x, { training: false, key: [9, 9] })
        const y = tf.tensor1d(batch(0).y.data as Int32Array, "int32")
        return tf.mean(Losses.softmaxCrossEntropy(logits, y)).dataSync()[0]!
      })
      assert.approximately(once.loss, expected, 1e-6)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("of no examples fails", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Train.evaluate(supervision, yield* weights, Stream.empty))
      assert.strictEqual(error.message, "evaluate: expected at least one example, found none")
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("of a batch that does not fit fails with a TensorError", () =>
    Effect.gen(function*() {
      const bad = { ...batch(0), y: NdArray.make([1, 2, 3], [3]) }
      const error = yield* Effect.flip(Train.evaluate(supervision, yield* weights, Stream.make(batch(0), bad)))
      assert.strictEqual(error._tag, "TensorError")
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("predictions are host arrays, one for each batch", () =>
    Effect.gen(function*() {
      const state = yield* weights
      const predictions = yield* Stream.runCollect(Train.predict(model, state, Stream.make(batch(0), batch(1))))
      assert.deepStrictEqual(predictions.map(({ shape }) => shape), [[16, 4], [16, 4]])
      const accuracy = yield* Backend.tensors("accuracy", () => {
        const logits = tf.tensor2d(predictions[0]!.data as Float32Array, [16, 4])
        const y = tf.tensor1d(batch(0).y.data as Int32Array, "int32")
        return Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(logits, y)])
      })
      const evaluated = yield* Train.evaluate(supervision, state, Stream.make(batch(0)))
      assert.strictEqual(accuracy, evaluated.accuracy)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("and training work on trees: two inputs, two outputs", () =>
    Effect.gen(function*() {
      type Pair = { readonly a: tf.Tensor; readonly b: tf.Tensor }
      const swap = Layers.make<{}, {}, Pair, Pair>({
        name: "swap",
        init: (_, { a, b }) =>
          ({ _tag: "Success", success: { params: {}, state: {}, output: { a: b, b: a } } }) as never,
        apply: (_, state, { a, b }) => [{ a: b, b: a }, state]
      })
      const loss = (prediction: Pair, target: Pair) =>
        tf.add(
          Losses.meanSquaredError(prediction.a, target.a),
          Losses.meanSquaredError(prediction.b, target.b)
        )
      const one = NdArray.make([1], [1, 1]), two = NdArray.make([2, 3], [1, 2])
      const pairs = Stream.make({ x: { a: one, b: two }, y: { a: two, b: one }, size: 1 })
      const result = yield* Train.evaluate({ model: swap, loss }, { params: {}, state: {} }, pairs)
      assert.deepStrictEqual({ size: result.size, loss: result.loss }, { size: 1, loss: 0 })
    }).pipe(leavesNoTensor))
})
