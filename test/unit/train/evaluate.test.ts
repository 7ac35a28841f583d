import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Train, Tree } from "effect-neuron"
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
      const whole = yield* Train.evaluate(Stream.make(part(0, 16)), supervision, state)
      const parts = yield* Stream.make(part(0, 9), part(9, 15), part(15, 16)).pipe(Train.evaluate(supervision, state))
      assert.strictEqual(parts.size, 16)
      assert.approximately(parts.loss, whole.loss, 1e-6)
      assert.approximately(parts.accuracy, whole.accuracy, 1e-6)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("runs layers in their inference form: no dropout, running statistics, the same twice", () =>
    Effect.gen(function*() {
      const state = yield* weights
      const once = yield* Train.evaluate(Stream.make(batch(0)), supervision, state)
      assert.deepStrictEqual(yield* Train.evaluate(Stream.make(batch(0)), supervision, state), once)
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
      const error = yield* Effect.flip(Train.evaluate(Stream.empty, supervision, yield* weights))
      assert.strictEqual(error.message, "evaluate: expected at least one example, found none")
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("of a batch that does not fit fails with a TensorError", () =>
    Effect.gen(function*() {
      const bad = { ...batch(0), y: NdArray.make([1, 2, 3], [3]) }
      const error = yield* Effect.flip(Train.evaluate(Stream.make(batch(0), bad), supervision, yield* weights))
      assert.strictEqual(error._tag, "TensorError")
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("predictions are host arrays, one for each batch", () =>
    Effect.gen(function*() {
      const state = yield* weights
      const predictions = yield* Stream.runCollect(Train.predict(Stream.make(batch(0), batch(1)), model, state))
      assert.deepStrictEqual(predictions.map(({ shape }) => shape), [[16, 4], [16, 4]])
      const accuracy = yield* Backend.tensors("accuracy", () => {
        const logits = tf.tensor2d(predictions[0]!.data as Float32Array, [16, 4])
        const y = tf.tensor1d(batch(0).y.data as Int32Array, "int32")
        return Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(logits, y)])
      })
      const evaluated = yield* Train.evaluate(Stream.make(batch(0)), supervision, state)
      assert.strictEqual(accuracy, evaluated.accuracy)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("predictions of a tree are a tree, copies of their own, and stand beside the batch when they are asked to", () =>
    Effect.gen(function*() {
      type Pair = { readonly sum: tf.Tensor; readonly parts: ReadonlyArray<tf.Tensor> }
      const scale = yield* Effect.acquireRelease(
        Backend.tensors("scale", () => tf.tensor1d([2, 3])),
        (scale) => Effect.sync(() => scale.dispose())
      )
      // It gives its parameters and its input, which are not its own.
      const split = Layers.make<{ readonly scale: tf.Tensor }, {}, tf.Tensor, Pair>({
        name: "split",
        init: () => assert.fail("it is not asked"),
        apply: ({ scale }, state, x) => [{ sum: tf.sum(tf.mul(x, scale), 1), parts: [x, scale] }, state]
      })
      const x = NdArray.make([1, 10, 2, 20], [2, 2]), y = NdArray.make([0, 1], [2])
      const weights = { params: { scale }, state: {} }
      const [predicted] = yield* Stream.make({ x, y, size: 2, name: "first" }).pipe(
        Train.predict(split, weights, { withBatch: true }),
        Stream.runCollect
      )
      const { prediction, ...batch } = predicted!
      assert.deepStrictEqual(batch, { x, y, size: 2, name: "first" })
      assert.deepStrictEqual(prediction.sum, NdArray.make([32, 64], [2]))
      assert.deepStrictEqual(prediction.parts, [x, NdArray.make([2, 3], [2])])
      prediction.parts[1]!.data[0] = 7
      assert.deepStrictEqual(Array.from(scale.dataSync()), [2, 3])
      const plain = yield* Stream.runCollect(Train.predict(Stream.make({ x }), split, weights))
      assert.deepStrictEqual(plain[0]!.sum, prediction.sum)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("predictions end with their stream, between two batches", () =>
    Effect.gen(function*() {
      const state = yield* weights, pulled: Array<number> = []
      const first = yield* Stream.iterate(0, (i) => i + 1).pipe(
        Stream.rechunk(1),
        Stream.map((i) => {
          pulled.push(i)
          return batch(i)
        }),
        Train.predict(model, state),
        Stream.take(2),
        Stream.runCollect
      )
      assert.strictEqual(first.length, 2)
      assert.deepStrictEqual(pulled, [0, 1])
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("weights without an optimizer are those that training begins with", () =>
    Effect.gen(function*() {
      const of = (key: Key.Key) =>
        Effect.acquireRelease(
          Train.weights(model, { input: [8, 8, 1], key }),
          (weights) => Effect.sync(() => Tree.disposeExcept(weights))
        )
      const { params, state } = yield* weights, same = yield* of(Key.make(42)), other = yield* of(Key.make(43))
      const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => Array.from(leaf.dataSync()))
      assert.deepStrictEqual(values(same), values({ params, state }))
      assert.notDeepEqual(values(other), values(same))
      const error = yield* Effect.flip(Train.weights(model, { input: [8, 8] }))
      assert.include(error.message, "conv")
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
      const result = yield* Train.evaluate(pairs, { model: swap, loss }, { params: {}, state: {} })
      assert.deepStrictEqual({ size: result.size, loss: result.loss }, { size: 1, loss: 0 })
    }).pipe(leavesNoTensor))
})
