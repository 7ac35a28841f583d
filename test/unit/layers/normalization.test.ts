import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(8)

const normalized = (layer: Layers.Layer<Layers.Affine, {}>, x: Tensor, training = true): Tensor =>
  layer.apply(Result.getOrThrow(layer.init(key, x.shape.slice(1))).params, {}, x, { training, key })[0]

const images = () => tf.add(tf.mul(randomTensor(1, [3, 4, 5, 6]), tf.tensor1d([1, 5, 0.5, 2, 3, 4])), 7)

const all: ReadonlyArray<readonly [layer: Layers.Layer<Layers.Affine, {}>, parts: Array<number>]> = [
  [Layers.layerNorm(), [3]],
  [Layers.layerNorm({ axes: 3 }), [1, 2, 3]],
  [Layers.instanceNorm(), [1, 2]],
  [Layers.groupNorm({ groups: 6 }), [1, 2]],
  [Layers.groupNorm({ groups: 1 }), [1, 2, 3]]
]

for (const [backend, backendLayer] of backends) {
  describe(`normalization of single examples on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("normalization", program)), backendLayer)

    it.effect("gives each part mean 0 and variance 1", () =>
      run(() => {
        for (const [layer, axes] of all) {
          const { mean, variance } = tf.moments(normalized(layer, images()), axes)
          assertClose(mean, tf.zerosLike(mean), 1e-5, layer.name)
          assertClose(variance, tf.onesLike(variance), 1e-3, layer.name)
        }
        const groups = tf.reshape(normalized(Layers.groupNorm({ groups: 2 }), images()), [3, 20, 2, 3])
        const { mean, variance } = tf.moments(groups, [1, 3])
        assertClose(mean, tf.zeros([3, 2]), 1e-5)
        assertClose(variance, tf.ones([3, 2]), 1e-3)
      }))

    it.effect("does not lose the variance of values far from 0", () =>
      run(() => {
        // Whole numbers, whose means are exact near 0 and far from it.
        const near = tf.round(randomTensor(2, [2, 4, 4, 6], 9)), far = tf.add(near, 4096)
        for (const [layer] of [...all, [Layers.groupNorm({ groups: 2 })] as const]) {
          assertClose(normalized(layer, far), normalized(layer, near), 2e-4, layer.name)
        }
      }))

    it.effect("of one group is that of a whole image, with a scale and offset for each channel", () =>
      run(() => {
        const affine = { scale: randomTensor(3, [6]), offset: randomTensor(4, [6]) }
        const whole = { scale: tf.tile(affine.scale, [20]), offset: tf.tile(affine.offset, [20]) }
        const shaped = { scale: tf.reshape(whole.scale, [4, 5, 6]), offset: tf.reshape(whole.offset, [4, 5, 6]) }
        const mode = { training: true, key }
        assertClose(
          Layers.groupNorm({ groups: 1 }).apply(affine, {}, images(), mode)[0],
          Layers.layerNorm({ axes: 3 }).apply(shaped, {}, images(), mode)[0]
        )
      }))
  })
}
