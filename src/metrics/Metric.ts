import type { Tensor } from "@tensorflow/tfjs-core"
import type { Tree } from "../core/Tree.ts"

/**
 * A number that tells how good predictions are. `compute` takes what the model gives for a batch and what it should
 * have given (`Y` and `T`: one tensor each, unless the model gives a tree), and returns one value per example,
 * `[batch]`; a step reduces them to their mean and reports it as `name`.
 */
export interface Metric<Name extends string, Y extends Tree = Tensor, T extends Tree = Tensor> {
  readonly name: Name
  readonly compute: (prediction: Y, target: T) => Tensor
}

/**
 * Makes a metric. `compute` is a synchronous tensor program that disposes nothing and gives one value per example,
 * float32 `[batch]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const worst = Metrics.make("worstError", (prediction, target) => tf.max(tf.abs(tf.sub(prediction, target)), -1))
 * worst.name // => "worstError"
 * worst.compute(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[1, 5], [2, 4]])).arraySync() // => [3, 1]
 * ```
 */
export const make = <const Name extends string, Y extends Tree = Tensor, T extends Tree = Tensor>(
  name: Name,
  compute: (prediction: Y, target: T) => Tensor
): Metric<Name, Y, T> => ({ name, compute })
