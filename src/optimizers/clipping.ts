import { clipByValue as clip } from "@tensorflow/tfjs-core"
import { above0 } from "../core/check.ts"
import * as Tree from "../core/Tree.ts"
import { clipToNorm } from "../ops/optimizers.ts"
import { stateless } from "./transformation.ts"
import type { GradientTransformation } from "./transformation.ts"

/**
 * Scales updates down so that their norm, over all tensors together, is at most `max`; smaller ones keep their length
 * (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013):
 * `updates · max / max(‖updates‖, max)`. The norm is never read back, so that a GPU is not held up.
 *
 * Throws a `RangeError` unless `max` is finite and above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const params = { a: tf.zeros([1]), b: tf.zeros([1]) }
 * const [updates] = Optimizers.clipByGlobalNorm(10).update({ a: tf.tensor1d([30]), b: tf.tensor1d([40]) }, [], params)
 * Math.round(updates.a.dataSync()[0]!) // => 6
 * Math.round(updates.b.dataSync()[0]!) // => 8
 * ```
 */
export const clipByGlobalNorm = (max: number): GradientTransformation => {
  above0("clipByGlobalNorm", "max", max)
  return stateless((updates) => Tree.refill(updates, clipToNorm(max, Tree.leaves(updates))))
}

/**
 * Limits every element of the updates to `[-limit, limit]`. Unlike {@link clipByGlobalNorm} it changes the direction.
 *
 * Throws a `RangeError` unless `limit` is finite and above 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const [updates] = Optimizers.clipByValue(1).update(tf.tensor1d([-3, 0.5, 2]), [], tf.zeros([3]))
 * updates.arraySync() // => [-1, 0.5, 1]
 * ```
 */
export const clipByValue = (limit: number): GradientTransformation => {
  above0("clipByValue", "limit", limit)
  return stateless((updates) => Tree.map(updates, (update) => clip(update, -limit, limit)))
}
