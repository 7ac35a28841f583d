import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Initializers, Key, Layers } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const inference = { training: false, key: Key.make(0) }
const dense = (units: number) => Layers.dense(units, { kernelInitializer: Initializers.ones })

const model = Layers.sequence(
  ["inputs", Layers.each({ a: Layers.identity, b: dense(2) })],
  ["joined", Layers.concatenate("a", "b")],
  ["block", Layers.residual(Layers.serial(Layers.tanh, Layers.named({ inner: dense(4) })))],
  ["branches", Layers.parallel({ plain: Layers.identity, noisy: Layers.dropout(0.5) })]
)
const shape = { a: [2], b: [3] }

describe("activations", () => {
  it.effect("are what each layer gives, at every depth, in the order in which they run", () =>
    Backend.tensors("test", () => {
      const { params, state } = Result.getOrThrow(model.init(Key.make(1), shape))
      const x = { a: tf.tensor2d([[1, 2]]), b: tf.tensor2d([[3, 4, 5]]) }
      const outputs = Layers.activations(model, params, state, x)
      assert.deepStrictEqual(outputs.map(([path]) => path), [
        "inputs.a",
        "inputs.b",
        "inputs",
        "joined",
        "block.0",
        "block.1.inner",
        "block.1",
        "block",
        "branches.plain",
        "branches.noisy",
        "branches",
        ""
      ])
      const values = (path: string) => (outputs.find(([p]) => p === path)![1] as tf.Tensor).arraySync()
      assert.deepStrictEqual(values("inputs.b"), [[12, 12]])
      assert.deepStrictEqual(values("joined"), [[1, 2, 12, 12]])
      const sum = ([1, 2, 12, 12] as const).reduce((total, v) => total + Math.tanh(v), 0)
      const inner = (values("block.1.inner") as Array<Array<number>>)[0]!
      for (const v of inner) assert.closeTo(v, sum, 1e-5)
      assert.deepStrictEqual(values("block"), [inner.map((v, i) => Math.fround(v + [1, 2, 12, 12][i]!))])
      assert.deepStrictEqual(values(""), (model.apply(params, state, x, inference)[0] as tf.Tensor).arraySync())
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))

  it.effect("are those of training, with its randomness, when that is asked for", () =>
    Backend.tensors("test", () => {
      const layer = Layers.serial(Layers.dropout(0.5), Layers.identity)
      const x = tf.ones([4, 8]), mode = { training: true, key: Key.make(7) }
      const [[path, dropped]] = Layers.activations(layer, [{}, {}], [{}, {}], x, mode) as [[string, tf.Tensor]]
      const [y] = layer.apply([{}, {}], [{}, {}], x, mode)
      assert.strictEqual(path, "0")
      assert.deepStrictEqual(dropped.arraySync(), y.arraySync())
      assert.include(Array.from(dropped.dataSync()), 0)
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
