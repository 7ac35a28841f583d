import { cast, equal, greater, isNaN, logicalAnd, logicalNot } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { float } from "../losses/weighted.ts"
import type { Values } from "../losses/weighted.ts"
import { checkIgnored, isYes, takenFor, trueClasses } from "./classes.ts"
import type { IgnoreOptions } from "./classes.ts"
import { mean } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/** What {@link accuracy} is: a metric as it stands, and one with options where it is called. */
export interface Accuracy extends Metric<"accuracy"> {
  (options: IgnoreOptions): Metric<"accuracy">
}

const make = ({ ignoreIndex }: IgnoreOptions): Metric<"accuracy"> => {
  checkIgnored("accuracy", ignoreIndex)
  return mean("accuracy", (prediction: Tensor, target: Tensor): Values => {
    if (prediction.rank > 1 && prediction.shape.at(-1) !== 1) {
      const { actual, counts } = trueClasses("accuracy", prediction, target, ignoreIndex)
      const { none, taken } = takenFor(prediction)
      const values = cast(logicalAnd(equal(taken, actual), logicalNot(none)), "float32")
      return counts === undefined ? values : { values, weight: counts }
    }
    if (ignoreIndex !== undefined) throw new RangeError("accuracy: ignoreIndex is for targets of class indices")
    const logits = float(prediction), same = equal(greater(logits, 0), isYes("accuracy", logits, target))
    return cast(logicalAnd(same, logicalNot(isNaN(logits))), "float32")
  })
}

/**
 * The share of right answers. Predictions are scores, of which only the order counts: logits
 * do as well as probabilities where there are several classes.
 *
 * - `[batch, classes]`: the highest score wins, of equal ones the first, and is compared with class indices `[batch]` or
 *   with the highest value of one-hot targets `[batch, classes]`.
 * - `[batch, positions…, classes]`: the same at each position, against `[batch, positions…]` or one-hot.
 * - `[batch, positions…, 1]` or `[batch]`, one logit each: yes above 0, against targets of the same shape, with or
 *   without the axis of 1, yes from 0.5 on.
 *
 * Scores with `NaN` are never right. `Metrics.accuracy({ ignoreIndex: -1 })` leaves out what the loss does. Throws a
 * `RangeError` for targets of another shape, and for class indices outside of `[0, classes)` (which on a GPU are only
 * looked at where a step uploads them).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const logits = tf.tensor2d([[0, 2, 1], [3, 0, 0]])
 * Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(logits, tf.tensor1d([1, 2], "int32"))]) // => 0.5
 * Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(tf.tensor2d([[-1], [4]]), tf.tensor1d([0, 1]))]) // => 1
 * const ignoring = Metrics.accuracy({ ignoreIndex: -1 })
 * Metrics.compute(ignoring, [ignoring.measure(logits, tf.tensor1d([1, -1], "int32"))]) // => 1
 * ```
 */
export const accuracy: Accuracy = /* @__PURE__ */ Object.defineProperties(
  (options: IgnoreOptions) => make(options),
  // The name of a function cannot be assigned.
  /* @__PURE__ */ Object.getOwnPropertyDescriptors(/* @__PURE__ */ make({}))
) as unknown as Accuracy
