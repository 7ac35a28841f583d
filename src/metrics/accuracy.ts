import { argMax, cast, equal, greater, greaterEqual, reshape } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import { float } from "../losses/weighted.ts"
import { mean } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/**
 * The share of right answers. Predictions are scores, of which only the order counts: logits
 * do as well as probabilities where there are several classes.
 *
 * - `[batch, classes]`: the highest score wins, and is compared with class indices `[batch]` or with the highest value
 *   of one-hot targets `[batch, classes]`.
 * - `[batch, positions…, classes]`: the same at each position, against `[batch, positions…]` or one-hot.
 * - `[batch, positions…, 1]` or `[batch]`, one logit each: yes above 0, against targets of the same number of values, yes
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
 * Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(logits, tf.tensor1d([1, 2], "int32"))]) // => 0.5
 * Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(tf.tensor2d([[-1], [4]]), tf.tensor1d([0, 1]))]) // => 1
 * ```
 */
export const accuracy: Metric<"accuracy"> = /* @__PURE__ */ mean("accuracy", (prediction: Tensor, target: Tensor) => {
  const { rank, shape } = prediction
  return rank === 1 || shape.at(-1) === 1 ? yesOrNo(prediction, target) : classes(prediction, target)
})

const yesOrNo = (logits: Tensor, target: Tensor): Tensor => {
  const positions = logits.rank === 1 ? logits.shape : logits.shape.slice(0, -1)
  if (!equals(target.shape, positions) && !equals(target.shape, [...positions, 1])) {
    throw mismatch(target, [positions, [...positions, 1]])
  }
  const same = equal(greater(reshape(logits, positions), 0), greaterEqual(reshape(float(target), positions), 0.5))
  return cast(same, "float32")
}

const classes = (scores: Tensor, target: Tensor): Tensor => {
  const positions = scores.shape.slice(0, -1)
  const oneHot = equals(target.shape, scores.shape)
  if (!oneHot && !equals(target.shape, positions)) throw mismatch(target, [positions, scores.shape])
  return cast(equal(argMax(float(scores), -1), oneHot ? argMax(float(target), -1) : float(target)), "float32")
}

const mismatch = (target: Tensor, expected: ReadonlyArray<ReadonlyArray<number>>): RangeError =>
  new RangeError(`accuracy expects targets ${expected.map(format).join(" or ")}, got ${format(target.shape)}`)
