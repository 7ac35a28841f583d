import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const key = Key.make(13)
const apply = (deviation: number, x: tf.Tensor, mode: Layers.Mode) =>
  Layers.gaussianNoise(deviation).apply({}, {}, x, mode)[0]

for (const [backend, backendLayer] of backends) {
  describe(`gaussian noise on ${backend}`, () => {
    const run = (program: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("noise", program)), backendLayer)

    it.effect("has mean 0 and its deviation around each value", () =>
      run(() => {
        const n = 100_000, x = tf.mul(tf.ones([n]), 3)
        const noise = Array.from(tf.sub(apply(0.5, x, { training: true, key }), x).dataSync())
        const mean = noise.reduce((a, b) => a + b) / n, variance = noise.reduce((a, b) => a + b * b, 0) / n
        // Five standard deviations of the mean, and of the variance, of n normal values.
        assert.approximately(mean, 0, 5 * 0.5 / Math.sqrt(n))
        assert.approximately(variance, 0.25, 5 * 0.25 * Math.sqrt(2 / n))
        // What a normal value does not exceed with probability 0.975.
        assert.approximately(noise.filter((value) => value <= 0.5 * 1.959964).length / n, 0.975, 0.003)
      }))

    it.effect("is only there in training", () =>
      run(() => {
        const x = tf.tensor2d([[1, 2], [3, 4]])
        assert.strictEqual(apply(0.5, x, { training: false, key }), x)
        assert.strictEqual(apply(0, x, { training: true, key }), x)
      }))
  })
}
