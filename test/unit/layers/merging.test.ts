import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(31), mode = { training: true, key }

for (const [backend, backendLayer] of backends) {
  describe(`sums and products of inputs on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("merging", program)), backendLayer)

    it.effect("are those of their values", () =>
      run(() => {
        const x = {
          a: tf.tensor2d([[1, 2], [3, 4]]),
          b: tf.tensor2d([[5, -6], [0, 8]]),
          c: tf.tensor2d([[1, 1], [2, 2]])
        }
        const value = (layer: Layers.Any): unknown => layer.apply({}, {}, x, mode)[0].arraySync()
        assert.deepStrictEqual(value(Layers.add("a", "b")), [[6, -4], [3, 12]])
        assert.deepStrictEqual(value(Layers.add("c", "a", "b")), [[7, -3], [5, 14]])
        assert.deepStrictEqual(value(Layers.multiply("a", "b")), [[5, -12], [0, 32]])
        assert.deepStrictEqual(value(Layers.multiply("a", "b", "c")), [[5, -12], [0, 64]])
        assert.deepStrictEqual(value(Layers.multiply("a", "a")), [[1, 4], [9, 16]])
        const pair = [x.a, x.c] as const
        assert.deepStrictEqual(Layers.add(0, 1).apply({}, {}, pair, mode)[0].arraySync(), [[2, 3], [5, 6]])
      }))

    it.effect("make a residual block of a graph, past which a mask goes", () =>
      run(() => {
        const block = Layers.graph(
          { inputs: { x: "x", mask: "mask" }, outputs: { x: "sum", mask: "mask" } },
          ["hidden", Layers.dense(3), "x"],
          ["relu", Layers.relu],
          ["sum", Layers.add("0", "1"), ["relu", "x"]]
        )
        const { output, params, state } = Result.getOrThrow(block.init(key, { x: [4, 3], mask: [4] }))
        assert.deepStrictEqual(output, { x: [4, 3], mask: [4] })
        const x = randomTensor(1, [2, 4, 3]), mask = tf.ones([2, 4])
        const [y] = block.apply(params, state, { x, mask }, mode)
        const branch = Layers.serial(Layers.dense(3), Layers.relu)
        const [same] = Layers.residual(branch).apply([params.hidden, {}], [{}, {}], x, mode)
        assertClose(y.x, same, 0)
        assert.strictEqual(y.mask, mask)
      }))
  })
}

describe("sums and products of inputs", () => {
  it("infer what they take, alone and in a model", () => {
    type Pair = { readonly x: Tensor; readonly y: Tensor }
    const model = Layers.serial(Layers.add("x", "y"), Layers.dense(1))
    expectTypeOf<Layers.Input<typeof model>>().toEqualTypeOf<Pair>()
    expectTypeOf<Layers.Output<typeof model>>().toEqualTypeOf<Tensor>()
    const named = Layers.sequence(["both", Layers.multiply("x", "y")], ["head", Layers.dense(1)])
    expectTypeOf<Pair>().toExtend<Layers.Input<typeof named>>()
    assert.strictEqual(model.name, "serial(add(x, y), dense(1))")
  })
})
