import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const permutations = (axes: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  axes.length === 0
    ? [[]]
    : axes.flatMap((axis) => permutations(axes.filter((other) => other !== axis)).map((rest) => [axis].concat(rest)))

const int32 = (...values: ReadonlyArray<number>): Tensor1D => tf.tensor1d([...values], "int32")

describe("Transpose", () => {
  it.effect("of matrices of every remainder", () =>
    agree(
      "matrices",
      () =>
        [1, 2, 3, 4, 5, 15, 16, 17, 33].flatMap((rows) =>
          [1, 3, 4, 7, 16, 19, 70].map((columns) => tf.transpose(randomTensor(rows, [rows, columns])))
        )
    ))

  it.effect("by every permutation, with axes of length 1", () =>
    agree(
      "permutations",
      () =>
        [[2, 3, 5], [4, 1, 6], [3, 4, 5, 6], [2, 1, 3, 1], [1, 5, 1, 4], [2, 3, 2, 3, 2]].flatMap((shape, i) =>
          permutations(shape.map((_, axis) => axis)).map((perm) => tf.transpose(randomTensor(i, shape), [...perm]))
        )
    ))

  it.effect("of integers, booleans, NaN and nothing", () =>
    agree("other", () => [
      tf.transpose(tf.tensor2d([[1, 2, 3], [4, 5, 2 ** 31 - 1]], [2, 3], "int32")),
      tf.transpose(tf.tensor2d([[1, 0, 0], [0, 1, 1]], [2, 3], "bool")),
      tf.transpose(tf.tensor2d([[NaN, -Infinity], [Infinity, 0]])),
      tf.transpose(tf.zeros([0, 3])),
      tf.transpose(tf.scalar(3))
    ]))

  it.effect("shares memory where nothing moves, and either tensor may be disposed first", () =>
    Effect.provide(
      Backend.tensors("shared", () => {
        const x = randomTensor(1, [3, 1, 4]), buffers = tf.memory().numDataBuffers
        const y = tf.transpose(x, [1, 0, 2]), values = x.dataSync()
        assert.strictEqual(tf.memory().numDataBuffers, buffers)
        x.dispose()
        assertClose(y, { shape: [1, 3, 4], data: [...values] })
      }),
      Backend.layerWasm
    ))
})

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
