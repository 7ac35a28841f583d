import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Random } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const shapes = [[5], [1], [3, 4], [4, 1], [2, 3, 17], [1, 5, 1], [3, 2, 4, 5], [2, 1, 3, 8], [2, 3, 1, 4, 2], [2, 0, 3]]

const compute = () => {
  const next = Random.generator(Key.make(7)), upTo = (n: number) => Math.floor(next() * n)
  return shapes.flatMap((shape, seed): Array<Tensor> => {
    const x = randomTensor(seed, shape), ints = tf.cast(tf.mul(x, 100), "int32"), bools = tf.greater(x, 0)
    const joined = shape.flatMap((n, axis) => {
      const other = tf.slice(x, shape.map(() => 0), shape.map((n, a) => a === axis ? Math.min(n, 2) : n))
      return [
        tf.concat([x, other, x], axis),
        tf.concat([ints, ints], axis - shape.length),
        tf.concat([bools, bools], axis),
        ...tf.split(x, [Math.floor(n / 2), n - Math.floor(n / 2)], axis),
        ...tf.split(ints, n === 0 ? 1 : n, axis)
      ]
    })
    const parts = Array.from({ length: 12 }, () => {
      const begin = shape.map(upTo)
      const size = shape.map((n, axis) => next() < 0.3 ? -1 : upTo(n - begin[axis]! + 1))
      const slice = (x: Tensor) => tf.slice(x, begin, size)
      return [slice(x), slice(ints), slice(bools), tf.grad((x: Tensor) => tf.square(slice(x)))(x)]
    })
    return joined.concat(parts.flat())
  })
}

describe("concatenation, slices and splits", () => {
  it.effect("of every axis and element type", () => agree("blocks", compute, 0))

  it.effect("leave no tensor behind", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("blocks", () => {
        compute()
      })),
      Backend.layerWasm
    ))
})
