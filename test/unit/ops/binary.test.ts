import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const pairs: ReadonlyArray<readonly [ReadonlyArray<number>, ReadonlyArray<number>]> = [
  [[], []],
  [[1], []],
  [[17], [17]],
  [[19], []],
  [[], [33]],
  [
    [3, 21],
    [21]
  ],
  [[5], [2, 3, 5]],
  [[4, 18], [4, 1]],
  [
    [4, 1],
    [1, 18]
  ],
  [[2, 1, 5], [2, 3, 1]],
  [
    [2, 3, 1, 5],
    [2, 1, 4, 1]
  ],
  [[1, 3, 1], [2, 1, 4]],
  [[0, 3], [3]],
  [
    [2, 1, 1, 35],
    [2, 3, 3, 35]
  ]
]

const operations: ReadonlyArray<(a: Tensor, b: Tensor) => Tensor> = [
  ...[tf.maximum, tf.minimum, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual, tf.equal, tf.notEqual],
  (a, b) => tf.where(tf.greater(a, b), a, b)
]

const compute = () =>
  pairs.flatMap(([shapeA, shapeB], i) => {
    // Whole numbers, of which many are the same.
    const a = tf.round(randomTensor(i, shapeA)), b = tf.round(randomTensor(i + 100, shapeB))
    const all = [[a, b], [tf.cast(a, "int32"), tf.cast(b, "int32")], [a, tf.mul(b, 0.5)]] as const
    return operations.flatMap((f) => all.map(([a, b]) => f(a, b)))
  })

describe("functions of two operands", () => {
  it.effect("of every way to broadcast and every element type", () => agree("binary", compute, 0))

  it.effect("select by rows, and of NaN", () =>
    agree("select", () => {
      const rows = tf.tensor2d([1, 0, 1], [3, 1], "bool"), x = randomTensor(1, [3, 5]), nan = tf.mul(x, NaN)
      return [
        tf.where(rows, x, nan),
        tf.where(tf.greater(x, 0), x, nan),
        tf.where(tf.greater(x, 0), tf.cast(x, "int32"), tf.cast(nan, "int32")),
        ...tf.grads((x: Tensor, y: Tensor) => tf.where(tf.greater(x, 0), x, y))([x, tf.neg(x)])
      ]
    }))

  it.effect("powers, with gradients of both orders", () =>
    agree("powers", () => {
      const x = tf.tensor1d([-3, -0.5, 0, 0.5, 2, 1e20, Infinity, -Infinity, NaN])
      return [-1, 0, 0.5, 1, 2, 3, 4, 5].flatMap((n) => {
        const power = (x: Tensor) => tf.pow(x, n), some = randomTensor(1, [3, 7])
        const first = (x: Tensor) => tf.grad(power)(x)
        return [power(x), tf.pow(x, tf.scalar(n)), first(some), tf.grad(first)(some)]
      })
    }))

  it.effect("clip integers as integers", () =>
    agree("clip", () => [tf.clipByValue(tf.tensor1d([-7, -1, 0, 5, 100], "int32"), -2, 6)]))

  it.effect("leave no tensor behind", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("binary", () => {
        compute()
      })),
      Backend.layerWasm
    ))
})
