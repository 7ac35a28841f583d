import { atLeast0 } from "../core/check.ts"
import { axpy, stateless } from "./transformation.ts"
import type { GradientTransformation } from "./transformation.ts"

/**
 * Adds `weightDecay · params` to the updates. Before an optimizer this is the gradient of the penalty
 * `weightDecay / 2 · ‖params‖²` (L2 regularization); between `scaleByAdam` and the learning rate it is the decoupled
 * decay of {@link adamW}.
 *
 * Throws a `RangeError` unless `weightDecay` is finite and at least 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const regularized = Optimizers.chain(Optimizers.addDecayedWeights(0.5), Optimizers.sgd(1))
 * const params = tf.tensor1d([2, 4])
 * const [updates] = regularized.update(tf.tensor1d([1, 1]), regularized.init(params), params)
 * updates.arraySync() // => [-2, -3]
 * ```
 */
export const addDecayedWeights = (weightDecay: number): GradientTransformation => {
  atLeast0("addDecayedWeights", "weightDecay", weightDecay)
  return stateless((updates, params) => axpy(weightDecay, params, updates))
}
