import { zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

// A gradient of zeros may come of a value that stands still for a moment; these come of one that does not depend on
// what it is differentiated by, and say that there is nothing to update.
const none = /* @__PURE__ */ new WeakSet<Tensor>()

/**
 * The gradient by `x` of a value that does not depend on it: zeros, which {@link hasGradient} tells from others. For
 * what makes gradients of gradients, a sum over machines say.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff } from "effect-neuron"
 *
 * const gradient = Autodiff.noGradient(tf.ones([2]))
 * gradient.arraySync() // => [0, 0]
 * Autodiff.hasGradient(gradient) // => false
 * ```
 */
export const noGradient = (x: Tensor): Tensor => {
  const gradient = zerosLike(x)
  none.add(gradient)
  return gradient
}

/**
 * Whether the value depends on what this is its gradient by: false for a parameter of `Layers.frozen`, or one that the
 * loss does not use. `Optimizers.applyGradients` leaves those where they are.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff } from "effect-neuron"
 *
 * const f = (p: { a: tf.Tensor; b: tf.Tensor }) => [tf.sum(tf.mul(p.a, 0)), 0] as const
 * const { grads } = Autodiff.valueAndGrad(f)({ a: tf.tensor1d([1]), b: tf.tensor1d([2]) })
 * Autodiff.hasGradient(grads.a) // => true
 * Autodiff.hasGradient(grads.b) // => false
 * ```
 */
export const hasGradient = (gradient: Tensor): boolean => !none.has(gradient)
