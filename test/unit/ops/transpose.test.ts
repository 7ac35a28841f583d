import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const permutations = (axes: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  axes.length === 0
    ? [[]]
    : axes.flatMap((axis) => permutations(axes.filter((other) => other !== axis)).map((rest) => [axis].concat(rest)))

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
