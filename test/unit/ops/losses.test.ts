import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Losses, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

type Operands = { readonly x: Tensor; readonly t: Tensor }
type Loss = (p: Operands) => Tensor

const losses: Record<string, Loss> = {
  distribution: ({ t, x }) => Losses.softmaxCrossEntropy(x, t),
  smoothed: ({ t, x }) => Losses.softmaxCrossEntropy(x, t, { labelSmoothing: 0.3 }),
  binary: ({ t, x }) => Losses.binaryCrossEntropy(x, t),
  squared: ({ t, x }) => Losses.meanSquaredError(x, t)
}

const shapes = [[1, 1], [5, 1], [9, 1], [0, 3], [3, 2], [2, 3], [1, 4], [3, 5], [2, 7], [4, 8], [2, 3, 5], [2, 1030]]

const weighted = (f: Loss) => (p: Operands) => {
  const y = f(p)
  return tf.sum(tf.mul(y, randomTensor(9, y.shape)))
}

const gradients = (f: Loss) => (p: Operands) =>
  Autodiff.valueAndGrad((q: Operands) => [weighted(f)(q), 0] as const)(p).grads

/** A function of all gradients, of which the gradients are of second order. */
const slopes = (f: Loss) => (p: Operands) => {
  const { t, x } = gradients(f)(p)
  return tf.add(tf.sum(tf.mul(x, tf.sin(p.t))), tf.sum(tf.mul(t, tf.sin(p.x))))
}

describe("losses of values against targets of their shape", () => {
  it.effect("with gradients of both orders, by both operands", () =>
    agree("losses", () =>
      [...shapes, [7]].flatMap((shape) => {
        const p = { x: randomTensor(1, shape, 3), t: tf.sigmoid(randomTensor(2, shape)) as Tensor }
        return Object.entries(losses).flatMap(([name, f]) => {
          if (shape.length === 1 && !(name === "binary" || name === "squared")) return []
          const first = gradients(f)(p)
          const second = Autodiff.valueAndGrad((p: Operands) => [slopes(f)(p), 0] as const)(p).grads
          return [f(p), first.x, first.t, second.x, second.t]
        })
      }), 2e-5))

  it.effect("of infinities and NaN", () =>
    agree("extremes", () => {
      const x = tf.tensor2d([[Infinity, 1], [-Infinity, 1], [NaN, 1], [1e38, -1e38], [100, -100], [0, -0]])
      const t = tf.tensor2d([[0.5, 0], [0.5, 0], [0.5, 0], [0, 1], [0, 1], [1, 1]])
      return Object.values(losses).flatMap((f) => {
        const { t: byTarget, x: byValue } = gradients(f)({ x, t })
        return [f({ x, t }), byValue, byTarget]
      })
    }))

  it.effect("match finite differences to second order, and leave no tensor behind", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("differences", () => {
        for (const f of [...Object.values(losses), ({ x }: Operands) => tf.softmax(x)]) {
          for (const shape of [[3, 5], [4, 1]]) {
            const p = { x: randomTensor(1, shape), t: tf.sigmoid(randomTensor(2, shape)) as Tensor }
            checkGradients(weighted(f), p)
            checkGradients(slopes(f), p)
          }
        }
        for (const f of [Ops.logSoftmax, tf.softmax] as ReadonlyArray<(x: Tensor) => Tensor>) {
          const square = (x: Tensor) => tf.sum(tf.square(tf.sub(f(x), randomTensor(8, x.shape))))
          const slope = (x: Tensor) => Autodiff.valueAndGrad((x: Tensor) => [square(x), 0] as const)(x).grads
          const third = (x: Tensor) =>
            Autodiff.valueAndGrad((x: Tensor) => [tf.sum(tf.square(slope(x))), 0] as const)(x).grads
          checkGradients((p) => tf.sum(tf.square(slope(p.x))), { x: randomTensor(1, [3, 5]) })
          checkGradients((p) => tf.sum(third(p.x)), { x: randomTensor(1, [3, 5]) }, { tolerance: 2e-2 })
        }
      })),
      Backend.layerWasm
    ))

  it.effect("take integers as targets", () =>
    agree("integers", () => {
      const t = tf.tensor2d([[1, 0], [0, 1]], [2, 2], "int32"), x = randomTensor(1, [2, 2])
      const found = Object.values(losses).map((f) => f({ x, t }))
      assert.lengthOf(found, 4)
      return found
    }))
})
