import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

for (const [backend, backendLayer] of backends) {
  describe(`stopGradient on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("stopGradient", program)), backendLayer)
    const slope = (f: (x: Tensor) => Tensor) => (x: Tensor): Tensor =>
      Autodiff.valueAndGrad((x: Tensor) => [f(x), 0] as const)(x).grads

    it.effect("makes a constant of a computation, and of a tensor that is on the tape", () =>
      run(() => {
        const x = tf.scalar(3)
        assert.strictEqual(slope((x) => tf.mul(x, Autodiff.stopGradient(() => tf.square(x))))(x).arraySync(), 9)
        assert.strictEqual(slope((x) => tf.mul(x, Autodiff.stopGradient(() => x)))(x).arraySync(), 3)
        const later = (x: Tensor) => {
          const square = tf.square(x)
          return tf.mul(square, Autodiff.stopGradient(() => square))
        }
        assert.strictEqual(slope(later)(x).arraySync(), 54)
        assert.strictEqual(slope((x) => Autodiff.stopGradient(() => tf.square(x)))(x).arraySync(), 0)
      }))

    it.effect("at second order too", () =>
      run(() => {
        // Twice the derivative of x² c, with the constant c = 3, is 2c; of x³ it is 6x.
        const held = (x: Tensor) => tf.mul(tf.square(x), Autodiff.stopGradient(() => x))
        assert.strictEqual(slope(slope(held))(tf.scalar(3)).arraySync(), 6)
        assert.strictEqual(slope(slope((x) => tf.mul(tf.square(x), x)))(tf.scalar(3)).arraySync(), 18)
      }))

    it.effect("gives the value when there is no gradient around it", () =>
      run(() => assert.strictEqual(Autodiff.stopGradient(() => tf.scalar(2)).arraySync(), 2)))
  })
}
