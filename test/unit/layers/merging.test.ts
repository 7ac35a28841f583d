import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Errors, Key, Layers } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
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

    it.effect("have gradients of first and second order by every input", () =>
      run(() => {
        const inputs = { x: randomTensor(1, [2, 3]), y: randomTensor(2, [2, 3]), z: randomTensor(3, [2, 3]) }
        const byKind = [Layers.add("x", "y", "z"), Layers.multiply("x", "y", "z")]
        for (const layer of byKind) {
          const value = (x: typeof inputs) => tf.sum(tf.tanh(layer.apply({}, {}, x, mode)[0]))
          checkGradients(value, inputs)
          checkGradients(
            (p) => {
              const { x, y, z } = Autodiff.valueAndGrad((x: typeof inputs) => [value(x), 0] as const)(p).grads
              return tf.sum(tf.addN([tf.square(x), tf.square(y), tf.square(z)]))
            },
            inputs,
            { tolerance: 1e-2 }
          )
        }
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

  it("say which input does not fit", () => {
    const message = (input: { readonly x: Shape.Shape; readonly y: Shape.Shape; readonly z: Shape.Shape }) =>
      Result.match(Layers.serial(Layers.add("x", "y", "z")).init(key, input), {
        onSuccess: () => "",
        onFailure: (error) => error.message
      })
    assert.strictEqual(
      message({ x: [4, 3], y: [4, 3], z: [4, 1] }),
      "0 (add) expects z of [4, 3], the shape of what stands before it, got [4, 1]"
    )
    assert.strictEqual(
      message({ x: [null, 3], y: [4, null], z: [5, 3] }),
      "0 (add) expects z of [4, 3], the shape of what stands before it, got [5, 3]"
    )
    assert.strictEqual(
      message({ x: [], y: [1], z: [] }),
      "0 (add) expects y of [], the shape of what stands before it, got [1]"
    )
    assert.strictEqual(message({ x: [4] } as never), "0 (add) expects { x, y, z }, got { x: [4] }")
    assert.strictEqual(message([4] as never), "0 (add) expects { x, y, z }, got [4]")
    assert.strictEqual(
      message({ x: [4], y: [4], z: [0] }),
      "0 (add) expects positive integers as dimensions, or null for unknown ones, got { x: [4], y: [4], z: [0] }"
    )
  })

  it.effect("refuse batches of other sizes, and shapes that were not known, when they run", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("merging", () => {
        const model = Layers.sequence(["both", Layers.multiply("x", "y")])
        const apply = (x: Tensor, y: Tensor) => () => model.apply({ both: {} }, { both: {} }, { x, y }, mode)
        assert.throws(
          apply(tf.zeros([2, 3]), tf.zeros([1, 3])),
          Errors.ShapeError,
          "both (multiply) expects y of [2, 3], the shape of what stands before it, got [1, 3]"
        )
        assert.throws(
          apply(tf.zeros([2, 3]), tf.zeros([2, 1])),
          Errors.ShapeError,
          "both (multiply) expects y of [2, 3], the shape of what stands before it, got [2, 1]"
        )
      })),
      Backend.layerCpu
    ))
})
