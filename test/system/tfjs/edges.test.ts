import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const ints = (...values: ReadonlyArray<number>) => tf.tensor1d([...values], "int32")

for (const [backend, backendLayer] of backends) {
  describe(`what the test suite of TensorFlow.js does not reach, on ${backend}`, () => {
    const gives = (what: string, compute: () => Tensor, expected: unknown) =>
      it.effect(what, () =>
        Effect.provide(
          leavesNoTensor(
            Backend.tensors(what, () => assert.deepStrictEqual(compute().arraySync(), expected as number))
          ),
          backendLayer
        ))

    gives(
      "the gradient of gather along an axis counted from the end",
      () =>
        tf.grad((x: Tensor) => tf.gather(x, ints(0, 2, 2), -1))(
          tf.zeros([2, 3]),
          tf.tensor2d([[1, 2, 4], [8, 16, 32]])
        ),
      [[1, 0, 6], [8, 0, 48]]
    )
    gives(
      "the gradient of gather with indices of its own for each example, and axes between",
      () =>
        tf.grad((x: Tensor) => tf.gather(x, tf.tensor2d([[0, 0], [1, 0]], [2, 2], "int32"), 2, 1))(
          tf.zeros([2, 1, 2]),
          tf.tensor3d([[[1, 2]], [[4, 8]]])
        ),
      [[[3, 0]], [[8, 4]]]
    )
    gives(
      "the gradient of gather of nothing",
      () => tf.grad((x: Tensor) => tf.gather(x, ints()))(tf.ones([1, 2])),
      [[0, 0]]
    )
    gives(
      "the gradient of a rounded quotient of floats",
      () => tf.grad((x: Tensor) => tf.floorDiv(x, tf.tensor1d([2, 2])))(tf.tensor1d([3, 5])),
      [0, 0]
    )

    gives("a product that sums over nothing", () => tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])), [
      [0, 0, 0],
      [0, 0, 0]
    ])
    gives("a transposed one", () => tf.matMul(tf.zeros([0, 2]), tf.zeros([1, 0]), true, true), [[0], [0]])
    gives("a product of batches that sums over nothing", () => tf.matMul(tf.zeros([2, 1, 0]), tf.zeros([1, 0, 1])), [
      [[0]],
      [[0]]
    ])
    gives(
      "the gradient of a filter by an empty batch",
      () =>
        tf.grad((filter: Tensor) => tf.conv2d(tf.zeros<tf.Rank.R4>([0, 2, 2, 1]), filter as Tensor4D, 1, "valid"))(
          tf.ones([1, 2, 1, 1])
        ),
      [[[[0]], [[0]]]]
    )

    gives("one-hot rows of booleans", () => tf.oneHot(ints(1, 0, 3), 2, 1, 0, "bool"), [[0, 1], [1, 0], [0, 0]])

    gives(
      "the gradient of max pooling where windows hold nothing but padding",
      () =>
        tf.grad((x: Tensor) => tf.maxPool(x as Tensor4D, 1, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]))(
          tf.ones([1, 3, 3, 1]),
          tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])
        ),
      [[[[0], [0], [0]], [[0], [5], [0]], [[0], [0], [0]]]]
    )
  })
}
