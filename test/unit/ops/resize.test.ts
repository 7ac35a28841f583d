import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

type Resize = (x: Tensor) => Tensor

const sizes = [[1, 1], [2, 2], [3, 5], [4, 4], [6, 9], [8, 8], [7, 3]] as const

const ways = [tf.image.resizeBilinear, tf.image.resizeNearestNeighbor].flatMap((resize) =>
  [[false, false], [true, false], [false, true]].flatMap(([alignCorners, halfPixel]) =>
    sizes.map((size): Resize => (x) => resize(x as Tensor4D, [...size], alignCorners, halfPixel))
  )
)

const shapes = [[1, 1, 1, 1], [2, 3, 5, 1], [1, 4, 4, 3], [2, 4, 3, 4], [1, 2, 7, 9]]

describe("images at another size", () => {
  it.effect("with gradients of both orders, in all conventions", () =>
    agree("resize", () =>
      shapes.flatMap((shape) => {
        const x = randomTensor(1, shape)
        return ways.flatMap((f) => {
          const y = f(x), dy = randomTensor(2, y.shape), ddx = randomTensor(3, shape)
          const first = (dy: Tensor) => tf.grad(f)(x, dy)
          return [y, first(dy), tf.grad(first)(dy, ddx)]
        })
      })))

  it.effect("of NaN, in no pixel that does not depend on it", () =>
    agree("nan", () => {
      const x = tf.tensor4d([NaN, 1, 2, 3, 4, 5, 6, 7, 8], [1, 3, 3, 1])
      return ways.flatMap((f) => [f(x)])
    }))

  it.effect("match finite differences, and leave no tensor behind", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("differences", () => {
        for (const f of ways) {
          checkGradients((p) => tf.sum(tf.mul(f(p.x), tf.square(f(p.x)))), { x: randomTensor(1, [1, 3, 4, 2]) })
        }
      })),
      Backend.layerWasm
    ))

  it.effect("of no images, and of integers", () =>
    agree(
      "edges",
      () =>
        ways.map((f, i) => f(i % 2 === 0 ? tf.zeros([0, 2, 2, 3]) : tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1], "int32")))
    ))
})
