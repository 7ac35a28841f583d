import type { Tensor } from "@tensorflow/tfjs-core"
import { crossEntropy } from "../ops/crossEntropy.ts"
import { expectShapes, meanPerExample } from "./Loss.ts"

/** The options of {@link softmaxCrossEntropy}. */
export interface SoftmaxCrossEntropyOptions {
  /** What part of the target is spread evenly over all classes, from 0 to 1, by default 0. */
  readonly labelSmoothing?: number
}

/**
 * -Σ target · log softmax(prediction) over the classes: the loss of classification with one class for each example.
 * The prediction is logits `[batch, ..., classes]`; the target is class indices `[batch, ...]` or distributions (one-hot
 * or soft) `[batch, ..., classes]`. Axes in between, such as time or height and width, are averaged. An index outside of
 * `[0, classes)` is no class: without label smoothing it adds nothing. Finite for all finite logits.
 *
 * Label smoothing is of Szegedy et al.: "Rethinking the Inception architecture for computer vision", 2016. Throws for
 * other shapes, and a `RangeError` for a smoothing outside of `[0, 1]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * const logits = tf.tensor2d([[1000, 0], [0, 1000]])
 * Losses.softmaxCrossEntropy(logits, tf.tensor1d([0, 0], "int32")).arraySync() // => [0, 1000]
 * ```
 */
export const softmaxCrossEntropy = (
  prediction: Tensor,
  target: Tensor,
  { labelSmoothing = 0 }: SoftmaxCrossEntropyOptions = {}
): Tensor => {
  expectShapes("softmaxCrossEntropy", prediction, target, "[batch, ..., classes]", [
    [prediction.shape.slice(0, -1), " (class indices)"],
    [prediction.shape, " (a distribution over the classes)"]
  ])
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`softmaxCrossEntropy: labelSmoothing is from 0 to 1, got ${labelSmoothing}`)
  }
  return meanPerExample(crossEntropy(prediction, target, { labelSmoothing }))
}
