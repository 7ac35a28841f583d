import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(29), mode = { training: true, key }

describe("concatenation", () => {
  const run = (program: () => void) =>
    Effect.provide(leavesNoTensor(Backend.tensors("concatenate", program)), Backend.layerWasm)

  it.effect("puts inputs one after the other, in the order of the keys", () =>
    run(() => {
      const x = { b: tf.tensor2d([[1, 2], [3, 4]]), a: tf.tensor2d([[5], [6]]) }
      assert.deepStrictEqual(Layers.concatenate("a", "b").apply({}, {}, x, mode)[0].arraySync(), [[5, 1, 2], [
        6,
        3,
        4
      ]])
      assert.deepStrictEqual(Layers.concatenate("b", "a").apply({}, {}, x, mode)[0].arraySync(), [[1, 2, 5], [
        3,
        4,
        6
      ]])
      assert.deepStrictEqual(Layers.concatenate("b").apply({}, {}, x, mode)[0].arraySync(), x.b.arraySync())
    }))

  it.effect("takes a tuple by its indices", () =>
    run(() => {
      const pair = [tf.tensor2d([[1]]), tf.tensor2d([[2, 3]])] as const
      assert.deepStrictEqual(Layers.concatenate(0, 1).apply({}, {}, pair, mode)[0].arraySync(), [[1, 2, 3]])
    }))

  it.effect("repeats a label at every pixel of an image", () =>
    run(() => {
      const layer = Layers.concatenate("x", "y")
      const x = randomTensor(1, [2, 3, 4, 2]), y = tf.tensor2d([[0, 1, 0], [1, 0, 0]])
      const { output } = Result.getOrThrow(layer.init(key, { x: [3, 4, 2], y: [3] }))
      assert.deepStrictEqual(output, [3, 4, 5])
      const [joined] = layer.apply({}, {}, { x, y }, mode)
      assert.deepStrictEqual(joined.shape, [2, 3, 4, 5])
      assertClose(tf.slice(joined, [0, 0, 0, 0], [2, 3, 4, 2]), x, 0)
      for (const [row, column] of [[0, 0], [2, 3], [1, 2]] as const) {
        assertClose(tf.reshape(tf.slice(joined, [0, row, column, 2], [2, 1, 1, 3]), [2, 3]), y, 0)
      }
    }))

  it.effect("repeats over the leading axes that are lacking, whichever input lacks them", () =>
    run(() => {
      const layer = Layers.concatenate("columns", "x")
      const columns = randomTensor(1, [2, 4, 1]), x = randomTensor(2, [2, 3, 4, 2])
      assert.deepStrictEqual(Result.getOrThrow(layer.init(key, { columns: [4, 1], x: [3, 4, 2] })).output, [3, 4, 3])
      const [joined] = layer.apply({}, {}, { columns, x }, mode)
      for (const row of [0, 1, 2]) {
        assertClose(tf.reshape(tf.slice(joined, [0, row, 0, 0], [2, 1, 4, 1]), [2, 4, 1]), columns, 0)
      }
    }))

  it("infers what it takes, alone and in a model", () => {
    type Pair = { readonly x: Tensor; readonly y: Tensor }
    const critic = Layers.serial(Layers.concatenate("x", "y"), Layers.dense(1))
    expectTypeOf<Layers.Input<typeof critic>>().toEqualTypeOf<Pair>()
    expectTypeOf<Layers.Output<typeof critic>>().toEqualTypeOf<Tensor>()
    expectTypeOf(critic.init).parameter(1).toEqualTypeOf<{ readonly x: Shape.Shape; readonly y: Shape.Shape }>()
    const named = Layers.sequence(["both", Layers.concatenate("x", "y")], ["head", Layers.dense(1)])
    expectTypeOf<Pair>().toExtend<Layers.Input<typeof named>>()
    const branches = Layers.parallel({ a: critic, b: Layers.concatenate("x", "y") })
    expectTypeOf<Layers.Input<typeof branches>>().toEqualTypeOf<Pair>()
    // @ts-expect-error -- there is no y
    assert.throws(() => critic.apply([{}, { kernel: tf.zeros([1]) }] as never, [{}, {}], { x: tf.zeros([1, 1]) }, mode))
    assert.strictEqual(critic.name, "serial(concatenate(x, y), dense(1))")
  })

  it("knows of a dimension what one of its inputs knows", () => {
    const layer = Layers.concatenate("a", "b", "c")
    const { output } = Result.getOrThrow(layer.init(key, { a: [null, 4, 1], b: [3, null, 2], c: [null] }))
    assert.deepStrictEqual(output, [3, 4, null])
  })
})
