import { cast, greater, mul } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { isYes } from "./classes.ts"
import { sums } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/**
 * The harmonic mean of precision and recall of yes-or-no questions, 2 · both / (predicted + true), counted over all
 * examples: of logits, yes above 0, and targets, yes from 0.5 on, both `[batch]` or `[batch, …]`, with an axis of 1
 * behind them or not. A logit that is `NaN` is no yes. `NaN` where there is no yes at all. Throws a `RangeError` for
 * targets of another shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const measured = Metrics.f1.measure(tf.tensor1d([3, 2, -1]), tf.tensor1d([1, 0, 1]))
 * Metrics.compute(Metrics.f1, [measured]) // => 0.5
 * ```
 */
export const f1: Metric<"f1"> = /* @__PURE__ */ sums(
  "f1",
  (logits: Tensor, target: Tensor) => {
    const actual = cast(isYes("f1", logits, target), "float32"), predicted = cast(greater(logits, 0), "float32")
    return { both: mul(predicted, actual), predicted, actual }
  },
  ({ actual, both, predicted }) => 2 * both / (predicted + actual)
)
