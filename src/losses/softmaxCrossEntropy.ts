import { cast, matMul, mul, notEqual, oneHot, reshape, tensor2d } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { crossEntropy } from "../ops/crossEntropy.ts"
import { checkLabels } from "./labels.ts"
import { expectShapes } from "./Loss.ts"
import { float } from "./weighted.ts"
import type { Weighted } from "./weighted.ts"

/** How {@link softmaxCrossEntropy} spreads its targets. */
export interface SmoothingOptions {
  /** What part of the target is spread evenly over all classes, from 0 to 1, by default 0. */
  readonly labelSmoothing?: number
}

/** The options of {@link softmaxCrossEntropy}. */
export interface SoftmaxCrossEntropyOptions extends SmoothingOptions {
  /** What an example or position of each class counts, by default 1: of `classes` numbers of 0 or more. */
  readonly classWeights?: ReadonlyArray<number>
  /** The class index of what does not count, such as -1 or that of padding; only for targets of class indices. */
  readonly ignoreIndex?: number
}

/** What {@link softmaxCrossEntropy} is: with weights beside the values where options say so. */
export interface SoftmaxCrossEntropy {
  (
    prediction: Tensor,
    target: Tensor,
    options?: SmoothingOptions & { readonly classWeights?: never; readonly ignoreIndex?: never }
  ): Tensor
  (prediction: Tensor, target: Tensor, options: SoftmaxCrossEntropyOptions): Weighted
}

/** Throws a `RangeError` for options that are none, of so many classes where that is known. */
export const checkOptions = (
  by: string,
  { classWeights, labelSmoothing = 0 }: SoftmaxCrossEntropyOptions,
  classes = classWeights?.length
): void => {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`${by}: labelSmoothing is from 0 to 1, got ${labelSmoothing}`)
  }
  if (classWeights !== undefined && (classWeights.length !== classes || !classWeights.every((w) => w >= 0))) {
    throw new RangeError(`${by}: classWeights are ${classes} numbers of 0 or more, got [${classWeights.join(", ")}]`)
  }
}

const NAME = "softmaxCrossEntropy"

/**
 * -Σ target · log softmax(prediction) over the classes: the loss of classification with one class for each example.
 * The prediction is logits `[batch, positions…, classes]`, with axes in between such as time, or height and width, or
 * none; the target is class indices `[batch, positions…]` or distributions (one-hot or soft) `[batch, positions…,
 * classes]`. Gives one value per position, `[batch, positions…]`. Finite for all finite logits.
 *
 * With `classWeights` each position counts by its class (by its mean weight where the target is a distribution), and
 * with `ignoreIndex` some count nothing: the values come with their weights then, and the mean is over those. (PyTorch
 * weighs the smoothed part of a target by each class of it; here a weight is of the whole.)
 *
 * Label smoothing is of Szegedy et al.: "Rethinking the Inception architecture for computer vision", 2016. Throws for
 * other shapes, and a `RangeError` for a smoothing outside of `[0, 1]`, for weights that are not one for each class,
 * and for class indices outside of `[0, classes)` (which on a GPU are only looked at where a step uploads them).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * const logits = tf.tensor2d([[1000, 0], [0, 1000]])
 * Losses.softmaxCrossEntropy(logits, tf.tensor1d([0, 0], "int32")).arraySync() // => [0, 1000]
 * const ignoring = Losses.softmaxCrossEntropy(logits, tf.tensor1d([0, -1], "int32"), { ignoreIndex: -1 })
 * ignoring.weight.arraySync() // => [1, 0]
 * ```
 */
export const softmaxCrossEntropy: SoftmaxCrossEntropy = ((
  predicted: Tensor,
  target: Tensor,
  options: SoftmaxCrossEntropyOptions = {}
): Tensor | Weighted => {
  const { classWeights, ignoreIndex, labelSmoothing = 0 } = options
  expectShapes(NAME, predicted, target, "[batch, ..., classes]", [
    [predicted.shape.slice(0, -1), " (class indices)"],
    [predicted.shape, " (a distribution over the classes)"]
  ])
  const prediction = float(predicted), classes = prediction.shape.at(-1)!
  checkOptions(NAME, options, classes)
  const indexed = target.rank < prediction.rank
  if (indexed) checkLabels(NAME, target, classes, ignoreIndex)
  else if (ignoreIndex !== undefined) throw new RangeError(`${NAME}: ignoreIndex is for targets of class indices`)
  const indices = indexed ? target.dtype === "int32" ? target : cast(target, "int32") : undefined
  const values = crossEntropy(prediction, indices ?? float(target), { labelSmoothing })
  if (classWeights === undefined && ignoreIndex === undefined) return values
  const byClass = classWeights &&
    weightOf(indices === undefined ? float(target) : oneHot(indices, classes), classWeights)
  const counted = ignoreIndex === undefined ? undefined : cast(notEqual(target, ignoreIndex), "float32")
  return { values, weight: byClass === undefined ? counted! : counted === undefined ? byClass : mul(byClass, counted) }
}) as SoftmaxCrossEntropy

/** The mean of the weights of the classes under each distribution. */
const weightOf = (target: Tensor, weights: ReadonlyArray<number>): Tensor =>
  reshape(
    matMul(reshape(float(target), [-1, weights.length]), tensor2d([...weights], [weights.length, 1])),
    target.shape.slice(0, -1)
  )
