import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/**
 * log(sigmoid(x)), without loss where the sigmoid is close to 0 or 1. In place of `tf.logSigmoid`, whose gradient needs
 * the tensor that it was called with to be there still.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.logSigmoid(tf.scalar(-1000)).arraySync() // => -1000
 * ```
 */
export const logSigmoid = (x: Tensor): Tensor => tf.neg(tf.softplus(tf.neg(x)))
