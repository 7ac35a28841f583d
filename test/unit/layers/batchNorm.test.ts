import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(31)

for (const [backend, backendLayer] of backends) {
  describe(`batch normalization on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("batchNorm", program)), backendLayer)

    const start = (layer: ReturnType<typeof Layers.batchNorm>, input: ReadonlyArray<number>) =>
      Result.getOrThrow(layer.init(key, input))

    it.effect("gives each channel mean 0 and variance 1 over the batch and all other axes", () =>
      run(() => {
        for (const input of [[3], [5, 3], [4, 5, 3]]) {
          const layer = Layers.batchNorm(), { params, state } = start(layer, input)
          const x = tf.add(tf.mul(randomTensor(1, [16, ...input]), tf.tensor1d([1, 5, 0.2])), tf.tensor1d([0, -3, 7]))
          const [y] = layer.apply(params, state, x, { training: true, key })
          const { mean, variance } = tf.moments(y, input.map((_, axis) => axis))
          assertClose(mean, tf.zeros([3]), 1e-5)
          assertClose(variance, tf.ones([3]), 1e-3)
        }
      }))

    it.effect("keeps the part `momentum` of its running moments, and all of them when not training", () =>
      run(() => {
        const x = tf.tensor2d([[1, 10], [3, 30]])
        const after = (momentum: number, training: boolean) => {
          const layer = Layers.batchNorm({ momentum }), { params, state } = start(layer, [2])
          const next = layer.apply(params, state, x, { training, key })[1]
          return { same: next === state, mean: next.mean.arraySync(), variance: next.variance.arraySync() }
        }
        assert.deepStrictEqual(after(0.5, true), { same: false, mean: [1, 10], variance: [1, 50.5] })
        assert.deepStrictEqual(after(0, true), { same: false, mean: [2, 20], variance: [1, 100] })
        assert.deepStrictEqual(after(1, true), { same: false, mean: [0, 0], variance: [1, 1] })
        assert.deepStrictEqual(after(0.5, false), { same: true, mean: [0, 0], variance: [1, 1] })
      }))

    it.effect("does not lose the variance of values far from 0", () =>
      run(() => {
        const layer = Layers.batchNorm(), { params, state } = start(layer, [1])
        const x = tf.tensor2d([[1000], [1001], [1002], [1003]])
        const normalized = (x: tf.Tensor) => layer.apply(params, state, x, { training: true, key })[0]
        assertClose(normalized(x), normalized(tf.sub(x, 1001)), 1e-5)
      }))
  })
}
