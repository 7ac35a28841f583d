import type { Tensor } from "@tensorflow/tfjs-core"
import { checkOptions, softmaxCrossEntropy } from "../losses/softmaxCrossEntropy.ts"
import type { SoftmaxCrossEntropyOptions } from "../losses/softmaxCrossEntropy.ts"
import { sums } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/**
 * The exponential of the mean cross entropy, of logits and targets as {@link Losses.softmaxCrossEntropy} takes them:
 * among how many equally likely classes a model chooses. Its mean over batches is that of the cross entropies, so that
 * 10 and 1000 give 100. Throws a `RangeError` for options that are none.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const perplexity = Metrics.perplexity()
 * const measured = perplexity.measure(tf.zeros([3, 4]), tf.tensor1d([0, 1, 3]))
 * Metrics.compute(perplexity, [measured]).toFixed(4) // => "4.0000"
 * ```
 */
export const perplexity = (options: SoftmaxCrossEntropyOptions = {}): Metric<"perplexity"> => {
  checkOptions("perplexity", options)
  return sums(
    "perplexity",
    (prediction: Tensor, target: Tensor) => ({ total: softmaxCrossEntropy(prediction, target, options) }),
    ({ total }, weights) => Math.exp(total / weights.total)
  )
}
