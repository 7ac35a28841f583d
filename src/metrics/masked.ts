import { mul, reshape, tile } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { Masked } from "../layers/lambda.ts"
import { byPosition } from "../losses/masked.ts"
import type { Metric } from "./Metric.ts"

/**
 * A metric of predictions `{ x, mask }`: each position counts as much as the mask, of `[batch, positions…]`, says.
 * `metric` sees the positions as examples.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const accuracy = Metrics.masked(Metrics.accuracy)
 * const prediction = { x: tf.tensor3d([[[2, 0], [2, 0]]]), mask: tf.tensor2d([[1, 0]]) }
 * Metrics.compute(accuracy, [accuracy.measure(prediction, tf.tensor2d([[0, 1]]))]) // => 1
 * ```
 */
export const masked = <Name extends string, A>(
  metric: Metric<Name, Tensor, Tensor, A>
): Metric<Name, Masked, Tensor, A> => ({
  ...metric,
  measure: (prediction, target, sample) => {
    const rows = byPosition(metric.name, prediction, target), { mask } = prediction
    const batch = mask.shape[0]!
    const each = sample && reshape(tile(reshape(sample, [batch, 1]), [1, mask.size / batch]), [mask.size])
    return metric.measure(rows.prediction, rows.target, each === undefined ? rows.weight : mul(rows.weight, each))
  }
})
