import { argMax, cast, equal, greater, greaterEqual, mean, reshape } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import { make } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/**
 * The share of right answers, 1 or 0 for each example. Predictions are scores, of which only the order counts: logits
 * do as well as probabilities where there are several classes.
 *
 * - `[batch, classes]`: the highest score wins, and is compared with class indices `[batch]` or with the highest value
 *   of one-hot targets `[batch, classes]`.
 * - `[batch, ..., classes]`: the same at each position, against `[batch, ...]` or one-hot; an example gets the mean
 *   over its positions.
 * - `[batch, 1]` or `[batch]`, one logit per example: yes above 0, against targets of the same number of values, yes
 *   from 0.5 on.
 *
 * Throws a `RangeError` for targets of another shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const logits = tf.tensor2d([[0, 2, 1], [3, 0, 0]])
 * Metrics.accuracy.compute(logits, tf.tensor1d([1, 2], "int32")).arraySync() // => [1, 0]
 * Metrics.accuracy.compute(tf.tensor2d([[-1], [4]]), tf.tensor1d([0, 1])).arraySync() // => [1, 1]
 * ```
 */
export const accuracy: Metric<"accuracy"> = make("accuracy", (prediction, target) => {
  const { rank, shape } = prediction
  const single = rank === 1 || (rank === 2 && shape[1] === 1)
  return single ? yesOrNo(prediction, target) : classes(prediction, target)
})

const yesOrNo = (logits: Tensor, target: Tensor): Tensor => {
  const batch = logits.shape.slice(0, 1)
  if (target.size !== logits.size || target.shape[0] !== batch[0]) throw mismatch(target, [batch, [...batch, 1]])
  const same = equal(greater(reshape(logits, batch), 0), greaterEqual(reshape(target, batch), 0.5))
  return cast(same, "float32")
}

const classes = (scores: Tensor, target: Tensor): Tensor => {
  const positions = scores.shape.slice(0, -1)
  const oneHot = equals(target.shape, scores.shape)
  if (!oneHot && !equals(target.shape, positions)) throw mismatch(target, [positions, scores.shape])
  const same = cast(equal(argMax(scores, -1), oneHot ? argMax(target, -1) : target), "float32")
  return positions.length === 1 ? same : mean(reshape(same, [positions[0]!, -1]), 1)
}

const mismatch = (target: Tensor, expected: ReadonlyArray<ReadonlyArray<number>>): RangeError =>
  new RangeError(`accuracy expects targets ${expected.map(format).join(" or ")}, got ${format(target.shape)}`)
