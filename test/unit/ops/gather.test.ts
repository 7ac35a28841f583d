import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

const int32 = (...values: ReadonlyArray<number>): Tensor1D => tf.tensor1d([...values], "int32")

describe("GatherV2 and UnsortedSegmentSum", () => {
  it.effect("gathers along every axis, by indices of any rank", () =>
    agree(
      "gather",
      () =>
        [[5], [5, 1], [5, 3], [5, 4], [5, 17], [2, 5, 3], [2, 3, 5], [5, 0]].flatMap((shape, i) =>
          shape.flatMap((length, axis) =>
            length !== 5 ? [] : [
              tf.gather(randomTensor(i, shape), int32(4, 0, 0, 3, 2), axis),
              tf.gather(randomTensor(i, shape), tf.tensor2d([[1, 2, 1]], [1, 3], "int32"), axis),
              tf.gather(tf.cast(tf.mul(randomTensor(i, shape), 9), "int32"), int32(1), axis)
            ]
          )
        )
    ))

  it.effect("refuses indices that are out of range", () =>
    Effect.provide(
      Backend.tensors("range", () => {
        const x = randomTensor(1, [3, 2])
        for (const index of [-1, 3]) assert.throws(() => tf.gather(x, int32(0, index)), `index value ${index}`)
      }),
      Backend.layerWasm
    ).pipe(leavesNoTensor))

  it.effect("gathers within batches, and no rows at all", () =>
    agree("batch", () => [
      tf.gather(randomTensor(1, [2, 4, 3]), tf.tensor2d([[3, 1], [0, 2]], [2, 2], "int32"), 1, 1),
      tf.gather(randomTensor(1, [4, 3]), int32())
    ]))

  it.effect("sums rows by segment, leaving out ids of no segment", () =>
    agree("segments", () =>
      [[7], [7, 1], [7, 3], [7, 4], [7, 2, 9]].flatMap((shape, i) => [
        tf.unsortedSegmentSum(randomTensor(i, shape), int32(0, 2, 2, -1, 5, 0, 2), 4),
        tf.unsortedSegmentSum(tf.cast(tf.mul(randomTensor(i, shape), 9), "int32"), int32(1, 1, 1, 1, 1, 1, 0), 2)
      ])))

  it.effect("carries NaN and infinity to their segments only", () =>
    Effect.provide(
      Backend.tensors("not finite", () => {
        const x = tf.tensor2d([[NaN, 1], [Infinity, 2], [3, -Infinity]])
        const sums = tf.unsortedSegmentSum(x, int32(2, 0, 0), 3)
        assert.deepStrictEqual(Array.from(sums.dataSync()), [Infinity, -Infinity, 0, 0, NaN, 1])
      }),
      Backend.layerWasm
    ))

  for (const [name, layer] of backends) {
    it.effect(`have gradients of first and second order on ${name}`, () =>
      Effect.provide(
        Backend.tensors("gradients", () => {
          const indices = int32(2, 0, 2, 1), ids = int32(1, -1, 0, 1, 4), scale = randomTensor(9, [4, 3])
          const functions: ReadonlyArray<readonly [ReadonlyArray<number>, (x: Tensor) => Tensor]> = [
            [[4, 3], (x) => tf.mul(scale, tf.gather(x, indices))],
            [[2, 4, 3], (x) => tf.gather(x, indices, 1)],
            [[2, 4], (x) => tf.gather(x, tf.reshape(indices, [2, 2]), -1)],
            [[2, 4, 3], (x) => tf.gather(x, tf.reshape(indices, [2, 2]), 1, 1)],
            [[2, 2, 4, 3], (x) => tf.gather(x, tf.reshape(indices, [2, 2]), 2, 1)],
            [[5, 2, 2], (x) => tf.unsortedSegmentSum(x, ids, 3)]
          ]
          functions.forEach(([shape, f], i) => {
            const cubes = (x: Tensor) => tf.sum(tf.pow(f(x), 3))
            checkGradients(cubes, randomTensor(i, shape))
            checkGradients(
              (x: Tensor) => tf.sum(tf.square(Autodiff.valueAndGrad((y: Tensor) => [cubes(y), 0] as const)(x).grads)),
              randomTensor(i, shape)
            )
          })
        }),
        layer
      ))
  }
})
