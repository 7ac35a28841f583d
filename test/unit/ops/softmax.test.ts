import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

const classesOf = (rows: number, n: number) =>
  tf.tensor1d(Array.from({ length: rows }, (_, i) => i * 7 % (n + 2) - 1), "int32")

const shapes = [1, 2, 3, 4, 5, 7, 8, 10, 12, 15, 33, 65, 1001].flatMap((n) => [[1, n], [6, n]] as const)

const withGradient = (f: (x: Tensor) => Tensor, x: Tensor): Array<Tensor> => {
  const y = f(x), weights = randomTensor(9, y.shape)
  return [y, Autodiff.valueAndGrad((x: Tensor) => [tf.sum(tf.mul(weights, f(x))), 0] as const)(x).grads]
}

describe("softmax, its logarithm and its cross entropy", () => {
  it.effect("of rows of every length, with gradients", () =>
    agree("softmax", () =>
      shapes.flatMap(([rows, n]) => {
        const x = randomTensor(n, [rows, n], 5), classes = classesOf(rows, n)
        // The one-hot of TensorFlow.js, which serves without the companion, needs two classes.
        const losses = (n === 1 ? [] : [0, 0.1, 1]).map((labelSmoothing) => (x: Tensor) =>
          Ops.crossEntropy(x, classes, { labelSmoothing })
        )
        return [tf.softmax, Ops.logSoftmax].concat(losses).flatMap((f) => withGradient(f, x))
      })))

  it.effect("of far values, infinities and NaN", () =>
    agree("extremes", () =>
      [
        [[1e4, -1e4, 0, 1e4 - 1, -Infinity]],
        [[-100, 0, -87.2, -87.4, -50, -1e-4]],
        [[NaN, 1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, NaN]],
        [[Infinity, 1], [-Infinity, -Infinity], [-Infinity, 3]],
        Array.from({ length: 9 }, (_, i) => Array.from({ length: 9 }, (_, j) => i === j ? NaN : j))
      ].flatMap((rows) => {
        const x = tf.tensor2d(rows)
        return [tf.softmax(x), Ops.logSoftmax(x)]
      })))

  it.effect("carry NaN to their row only", () =>
    Effect.provide(
      Backend.tensors("nan", () => {
        const x = tf.tensor2d([[NaN, 1, 2], [0, 0, 0], [NaN, 0, 0]])
        const [loss, gradient] = withGradient(
          (x) => Ops.crossEntropy(x, tf.tensor1d([2, 1, -1], "int32")),
          x
        )
        assert.deepStrictEqual(Array.from(loss!.dataSync(), Number.isNaN), [true, false, true])
        assert.deepStrictEqual(
          Array.from(gradient!.dataSync(), Number.isNaN),
          [true, true, true, false, false, false, true, true, true]
        )
      }),
      Backend.layerWasm
    ))

  it.effect("of the cross entropy match finite differences, to second order", () =>
    Effect.provide(
      Backend.tensors("second order", () => {
        for (const labelSmoothing of [0, 0.2]) {
          const classes = tf.tensor1d([1, 4, -1], "int32")
          const value = (p: { readonly x: Tensor; readonly w: Tensor }) =>
            tf.sum(tf.mul(tf.square(p.w), Ops.crossEntropy(p.x, classes, { labelSmoothing })))
          const params = { x: randomTensor(1, [3, 5]), w: randomTensor(2, [3]) }
          checkGradients(value, params)
          const slopes = (p: typeof params) => {
            const { grads } = Autodiff.valueAndGrad((q: typeof p) => [value(q), 0] as const)(p)
            return tf.add(tf.sum(tf.square(grads.x)), tf.sum(tf.mul(p.w, grads.w)))
          }
          checkGradients(slopes, params)
          checkGradients(
            (p) => tf.sum(tf.square(Autodiff.valueAndGrad((q: typeof p) => [slopes(q), 0] as const)(p).grads.x)),
            params,
            { tolerance: 2e-2 }
          )
        }
      }),
      Backend.layerWasm
    ))

  it.effect("leave no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("all", () => {
          const x = randomTensor(1, [4, 5])
          const all = tf.tidy(() =>
            [tf.softmax, Ops.logSoftmax, (x: Tensor) => Ops.crossEntropy(x, classesOf(4, 5))]
              .flatMap((f) => withGradient(f, x))
          )
          tf.dispose([x, ...all])
        }).pipe(leavesNoTensor)
      ),
      Backend.layerWasm
    ))
})
