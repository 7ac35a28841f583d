import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

type Params = { readonly x: Tensor; readonly scale: Tensor; readonly offset: Tensor }

const layer = Layers.batchNorm({ momentum: 0.4, epsilon: 1e-3 })

const paramsOf = (shape: ReadonlyArray<number>): Params => {
  const channels = shape.at(-1)!
  return {
    x: tf.add(randomTensor(1, shape, 2), 3),
    scale: tf.add(randomTensor(2, [channels]), 1),
    offset: randomTensor(3, [channels])
  }
}

const outputs = ({ offset, scale, x }: Params): ReadonlyArray<Tensor> => {
  const zeros = tf.zeros([x.shape.at(-1)!]), state = { mean: zeros, variance: zeros }
  const [y, next] = layer.apply({ scale, offset }, state, x, { training: true, key: Key.make(0) })
  return [y, next.mean, next.variance]
}

/** A scalar that depends on all outputs. */
const value = (p: Params): Tensor =>
  tf.addN(outputs(p).map((y, i) => tf.sum(tf.mul(tf.square(y), randomTensor(5 + i, y.shape)))))

const gradients = (f: (p: Params) => Tensor, p: Params): Params =>
  Autodiff.valueAndGrad((q: Params) => [f(q), 0] as const)(p).grads

describe("batch normalization in training", () => {
  it.effect("for every number of rows and channels, with gradients", () =>
    agree(
      "batchNorm",
      () =>
        [[2, 1], [5, 3], [40, 4], [7, 2, 8], [2, 3, 5, 11], [3, 16], [9, 20], [300, 5], [70, 33], [6, 260], [1030, 2]]
          .flatMap((shape) => {
            const p = paramsOf(shape), { offset, scale, x } = gradients(value, p)
            return outputs(p).concat(x, scale, offset)
          }),
      1e-4
    ))

  it.effect("differentiates the moments too, and to third order", () =>
    Effect.provide(
      Backend.tensors("gradients", () => {
        const p = paramsOf([2, 3, 4]),
          product = (a: Tensor, seed: number) => tf.sum(tf.mul(a, randomTensor(seed, a.shape)))
        const slopes = (q: Params) => {
          const { offset, scale, x } = gradients(value, q)
          return tf.addN([product(x, 11), product(scale, 12), product(offset, 13)])
        }
        checkGradients(value, p)
        checkGradients(slopes, p, { tolerance: 1e-2 })
        checkGradients((q: Params) => tf.mul(0.1, product(gradients(slopes, q).x, 14)), p, { tolerance: 3e-2 })
      }),
      Backend.layerWasm
    ))

  it.effect("keeps NaN to its channel, and leaves no tensor behind", () =>
    Effect.provide(
      Effect.andThen(
        Backend.tensors("warm up", () => 0),
        Backend.tensors("nan", () => {
          const values = Float32Array.from({ length: 6 * 5 }, (_, i) => i % 7)
          values[6] = NaN
          const x = tf.tensor2d(values, [6, 5]), p = { ...paramsOf([6, 5]), x }
          const all = tf.tidy(() => [outputs(p)[0]!, gradients(value, p).x])
          for (const y of all) {
            y.dataSync().forEach((v, i) => assert.strictEqual(Number.isNaN(v), i % 5 === 1))
          }
        })
      ).pipe(leavesNoTensor),
      Backend.layerWasm
    ))
})
