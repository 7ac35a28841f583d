import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(3), mode = { training: true, key }
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("graph", program)), Backend.layerWasm)

describe("graph", () => {
  it.effect("carries what a node gives past those behind it", () =>
    run(() => {
      const model = Layers.graph(
        { inputs: "image" },
        ["fine", Layers.conv2d({ filters: 3, kernelSize: 3 })],
        ["coarse", Layers.maxPool2d(2)],
        ["up", Layers.upsample2d(2)],
        ["both", Layers.concatenate("0", "1"), ["up", "fine"]],
        ["head", Layers.dense(1)]
      )
      const { output, params, state } = Result.getOrThrow(model.init(key, [4, 4, 1]))
      assert.deepStrictEqual(output, [4, 4, 1])
      const x = randomTensor(1, [2, 4, 4, 1]), [y] = model.apply(params, state, x, mode)
      const fine = tf.add(tf.conv2d(x as tf.Tensor4D, params.fine.kernel as tf.Tensor4D, 1, "same"), params.fine.bias)
      const up = tf.image.resizeNearestNeighbor(tf.maxPool(fine as tf.Tensor4D, 2, 2, "same"), [4, 4])
      const rows = tf.reshape(tf.concat([up, fine], -1), [-1, 6])
      assertClose(y, tf.reshape(tf.add(tf.matMul(rows, params.head.kernel), params.head.bias), [2, 4, 4, 1]), 1e-5)
    }))

  it.effect("takes several inputs and gives several outputs", () =>
    run(() => {
      const model = Layers.graph(
        { inputs: { x: "image", y: "label" }, outputs: ["sum", "label"] },
        ["joined", Layers.concatenate("a", "b"), { a: "image", b: "label" }],
        ["sum", Layers.lambda("sum", { shape: () => [], apply: (x) => tf.sum(x, 1) })]
      )
      const { output, params, state } = Result.getOrThrow(model.init(key, { x: [2], y: [1] }))
      assert.deepStrictEqual(output, [[], [1]])
      const [[sum, label]] = model.apply(params, state, { x: tf.tensor2d([[1, 2]]), y: tf.tensor2d([[4]]) }, mode)
      assert.deepStrictEqual([sum.arraySync(), label.arraySync()], [[7], [[4]]])
      const wrong = Result.match(model.init(key, { x: [2] } as never), {
        onSuccess: () => "",
        onFailure: (error) => error.message
      })
      assert.strictEqual(wrong, "graph expects { x, y }, got { x: [2] }")
    }))

  it.effect("takes parts of what a node gives", () =>
    run(() => {
      const model = Layers.graph(
        { inputs: { source: "source", target: "target" }, outputs: ["decoder", "encoder.state.hidden"] },
        ["encoder", Layers.gru(2, { returns: "state" }), "source"],
        ["decoder", Layers.gru<Layers.Resumed>(2), { x: "target", state: "encoder.state" }]
      )
      const { output, params, state } = Result.getOrThrow(model.init(key, { source: [null, 3], target: [4, 1] }))
      assert.deepStrictEqual(output, [[4, 2], [2]])
      const source = randomTensor(1, [2, 3, 3]), target = randomTensor(2, [2, 4, 1])
      const [[y, hidden]] = model.apply(params, state, { source, target }, mode)
      const [end] = Layers.gru(2, { returns: "last" }).apply(params.encoder, {}, source, mode)
      assert.deepStrictEqual(hidden.arraySync(), end.arraySync())
      const started = { x: target, state: { hidden: end } }
      assert.deepStrictEqual(
        y.arraySync(),
        Layers.gru<Layers.Resumed>(2).apply(params.decoder, {}, started, mode)[0].arraySync()
      )
      const wrong = Layers.graph({ inputs: "x" }, ["a", Layers.relu], ["b", Layers.relu, "a.shape" as never])
      assert.strictEqual(
        Result.getFailure(wrong.init(key, [3])).valueOrUndefined?.message,
        "graph expects a.shape in what a gives, got one tensor"
      )
      assert.throws(
        () => wrong.apply({} as never, { a: {}, b: {} }, tf.ones([2, 3]), mode),
        "graph expects a.shape in what a gives"
      )
    }))

  it("refuses names that are unknown, there twice, or never taken", () => {
    const { relu } = Layers
    const wrong: ReadonlyArray<readonly [make: () => unknown, message: string]> = [
      [
        () => Layers.graph({ inputs: "x" }, ["a", relu, "b"] as never),
        "graph: a takes b, which is no input and no node before it"
      ],
      [() => Layers.graph({ inputs: "x" }, ["x", relu]), "graph: x is the name of two nodes or inputs"],
      [() => Layers.graph({ inputs: "x" }, ["a", relu], ["b", relu, "x"]), "graph: nothing takes a"],
      [
        () => Layers.graph({ inputs: "x", outputs: "b" as never }, ["a", relu]),
        "graph: the output takes b, which is no input and no node before it"
      ]
    ]
    for (const [make, message] of wrong) assert.throws(make, RangeError, message)
  })
})

describe("frozen", () => {
  it.effect("has no gradient, keeps its state, and lets gradients through", () =>
    run(() => {
      const model = Layers.named({
        first: Layers.dense(2),
        norm: Layers.frozen(Layers.batchNorm()),
        head: Layers.dense(1)
      })
      const { params, state } = Result.getOrThrow(model.init(key, [3]))
      const x = randomTensor(1, [4, 3])
      const f = (p: typeof params) => {
        const [y, next] = model.apply(p, state, x, mode)
        assert.strictEqual(next.norm, state.norm)
        return [tf.sum(tf.square(y)), 0] as const
      }
      const { grads } = Autodiff.valueAndGrad(f)(params)
      const largest = (x: tf.Tensor) => tf.max(tf.abs(x)).arraySync() as number
      assert.strictEqual(largest(grads.norm.scale), 0)
      assert.isAbove(largest(grads.first.kernel), 0)
      assert.isAbove(largest(grads.head.kernel), 0)
    }))
})
