import { cast, greater, greaterEqual, mul, reshape } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { float } from "../losses/weighted.ts"
import { sums } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/**
 * The harmonic mean of precision and recall of yes-or-no questions, 2 · both / (predicted + true), counted over all
 * examples: of logits, yes above 0, and targets of as many values, yes from 0.5 on, both `[batch]` or `[batch, …]`.
 * `NaN` where there is no yes at all.
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
    if (logits.size !== target.size) {
      throw new RangeError(
        `f1 expects a target of as many values as logits, got [${target.shape}] and [${logits.shape}]`
      )
    }
    const predicted = cast(greater(logits, 0), "float32")
    const actual = cast(greaterEqual(reshape(float(target), logits.shape), 0.5), "float32")
    return { both: mul(predicted, actual), predicted, actual }
  },
  ({ actual, both, predicted }) => 2 * both / (predicted + actual)
)
