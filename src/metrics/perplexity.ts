import type { Tensor } from "@tensorflow/tfjs-core"
import type { Tree } from "../core/Tree.ts"
import type { Loss } from "../losses/Loss.ts"
import { checkOptions, softmaxCrossEntropy } from "../losses/softmaxCrossEntropy.ts"
import type { SoftmaxCrossEntropyOptions } from "../losses/softmaxCrossEntropy.ts"
import { sums } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/** By which loss a metric counts, of predictions that are no logits. */
export interface OfLoss<Y> {
  /** A cross entropy, in nats: `Losses.linearCrossEntropy`, say. */
  readonly loss: Loss<Y>
}

/** What {@link perplexity} is: one of logits, or of what a loss takes. */
export interface Perplexity {
  <Y extends Tree>(options: OfLoss<Y>): Metric<"perplexity", Y>
  (options?: SoftmaxCrossEntropyOptions & { readonly loss?: never }): Metric<"perplexity">
}

/**
 * The exponential of the mean cross entropy, of logits and targets as {@link Losses.softmaxCrossEntropy} takes them, or
 * of predictions as another loss takes them: among how many equally likely classes a model chooses. Its mean over
 * batches is that of the cross entropies, so that 10 and 1000 give 100. Throws a `RangeError` for options that are none.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses, Metrics } from "effect-neuron"
 * import type { Layers } from "effect-neuron"
 *
 * const perplexity = Metrics.perplexity()
 * const measured = perplexity.measure(tf.zeros([3, 4]), tf.tensor1d([0, 1, 3]))
 * Metrics.compute(perplexity, [measured]).toFixed(4) // => "4.0000"
 *
 * const ofHidden = Metrics.perplexity<Layers.HiddenAndTable>({ loss: Losses.linearCrossEntropy })
 * const prediction = { hidden: tf.zeros([3, 2]), table: tf.zeros([4, 2]) }
 * Metrics.compute(ofHidden, [ofHidden.measure(prediction, tf.tensor1d([0, 1, 3]))]).toFixed(4) // => "4.0000"
 * ```
 */
export const perplexity: Perplexity = ((
  { loss, ...options }: SoftmaxCrossEntropyOptions & { readonly loss?: Loss<never> } = {}
): Metric<"perplexity"> => {
  checkOptions("perplexity", options)
  return sums(
    "perplexity",
    (prediction: Tensor, target: Tensor) => ({
      total: loss === undefined ? softmaxCrossEntropy(prediction, target, options) : loss(prediction as never, target)
    }),
    ({ total }, weights) => Math.exp(total / weights.total)
  )
}) as Perplexity
