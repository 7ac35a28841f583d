import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const key = Key.make(11)
const apply = (rate: number, x: tf.Tensor, mode: Layers.Mode) => Layers.dropout(rate).apply({}, {}, x, mode)[0]

for (const [backend, backendLayer] of backends) {
  describe(`dropout on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("dropout", program)), backendLayer)

    it.effect("drops its rate of values and keeps their mean", () =>
      run(() => {
        const n = 100_000, x = tf.ones([n])
        for (const rate of [0.1, 0.25, 0.5, 0.9]) {
          const y = Array.from(apply(rate, x, { training: true, key }).dataSync())
          const dropped = y.filter((value) => value === 0).length / n
          // Five standard deviations of the share of n draws.
          const bound = 5 * Math.sqrt(rate * (1 - rate) / n)
          assert.approximately(dropped, rate, bound)
          assert.approximately(y.reduce((a, b) => a + b) / n, 1, bound / (1 - rate))
          assert.isTrue(y.every((value) => value === 0 || value === Math.fround(1 / (1 - rate))))
        }
      }))

    it.effect("draws neighbors, the two halves of a word among them, independently", () =>
      run(() => {
        const n = 100_000
        const y = apply(0.5, tf.ones([n]), { training: true, key }).dataSync()
        for (const lag of [1, 2, 3, 4]) {
          let both = 0
          for (let i = lag; i < n; i++) if (y[i]! > 0 && y[i - lag]! > 0) both++
          assert.approximately(both / n, 0.25, 0.01)
        }
      }))

    it.effect("is the identity when not training, and at rate 0", () =>
      run(() => {
        const x = tf.tensor2d([[1, 2], [3, 4]])
        assert.strictEqual(apply(0.5, x, { training: false, key }), x)
        assert.strictEqual(apply(0, x, { training: true, key }), x)
      }))

    it.effect("has the mask of its key, whatever comes after", () =>
      run(() => {
        const mask = (n: number, key: Key.Key) =>
          Array.from(apply(0.5, tf.ones([n]), { training: true, key }).dataSync())
        assert.deepStrictEqual(mask(101, key), mask(101, Key.make(11)))
        assert.deepStrictEqual(mask(101, key), mask(200, key).slice(0, 101))
        assert.notDeepEqual(mask(101, key), mask(101, Key.make(12)))
      }))
  })
}
