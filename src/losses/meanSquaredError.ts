import type { Tensor } from "@tensorflow/tfjs-core"
import { squaredError } from "../ops/squaredError.ts"
import { expectShapes } from "./Loss.ts"
import { float } from "./weighted.ts"

/**
 * (prediction - target)², the mean of each example: the loss of regression. Both are of the same shape `[batch, ...]`;
 * throws for other shapes, `[batch, 1]` against `[batch]` among them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * Losses.meanSquaredError(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 4]])).arraySync() // => [2]
 * ```
 */
export const meanSquaredError = (predicted: Tensor, expected: Tensor): Tensor => {
  const prediction = float(predicted), target = float(expected)
  expectShapes("meanSquaredError", prediction, target)
  return squaredError(prediction, target)
}
