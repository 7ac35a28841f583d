import { broadcastTo, matMul, mul, oneHot, ones, reshape, scalar, where } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import type { NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"
import { classScores } from "../core/softmax.ts"
import { checkIndices } from "../losses/labels.ts"
import { weigh } from "../losses/weighted.ts"
import { areLogits, asTwoClasses, checkIgnored, takenFor, trueClasses } from "./classes.ts"
import type { IgnoreOptions } from "./classes.ts"
import { highest } from "./highest.ts"
import { make } from "./Metric.ts"
import type { Metric } from "./Metric.ts"
import { samplesOf } from "./samples.ts"

/** How well one class is told from the others. */
export type ClassScores = {
  /** The number of examples of the class. */
  readonly support: number
  /** The number of examples that are taken for the class. */
  readonly predicted: number
  /** The number of examples of the class that are taken for it. */
  readonly correct: number
  /** `correct / predicted`: how often the class is right when it is the answer. */
  readonly precision: number
  /** `correct / support`: how much of the class is found, which is the accuracy within the class. */
  readonly recall: number
  /** The harmonic mean of precision and recall, `2 correct / (predicted + support)`. */
  readonly f1: number
}

/** What was taken for what. */
export type ConfusionMatrix = {
  /** The number of examples by true class and predicted class: `counts[true][predicted]`. */
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
  /** The number of examples. */
  readonly total: number
  /** The share of right answers, from 0 to 1. */
  readonly accuracy: number
  /** The scores of each class, in the order of the class indices. */
  readonly classes: ReadonlyArray<ClassScores>
}

/**
 * Which classes a classifier takes for which: `predictions` are its scores, logits or probabilities `[n, classes]`, of
 * which the highest wins, of equal ones the first, or logits `[n, 1]` of the second of two classes; `labels` are class
 * indices, `[n]`. It compares whole sets, so that the predictions of several batches are first put together by
 * `NdArray.concat`.
 *
 * A ratio of nothing to nothing, such as the precision of a class that is never predicted, is `NaN`. An example whose
 * scores have `NaN` is taken for no class: it counts in `support` and `total`, and in no column. Throws a `RangeError`
 * for other shapes, and for labels that are no whole numbers from 0 to `classes - 1`.
 *
 * @example
 * ```ts
 * import { Metrics, NdArray } from "effect-neuron"
 *
 * const logits = NdArray.make([2, 0, 3, 1, 0, 1, 0, 4], [4, 2])
 * const { accuracy, classes, counts } = Metrics.confusionMatrix(logits, NdArray.make(Int32Array.of(0, 0, 0, 1), [4]))
 * counts // => [[2, 1], [0, 1]]
 * accuracy // => 0.75
 * classes[1] // => { support: 1, predicted: 2, correct: 1, precision: 0.5, recall: 1, f1: 2 / 3 }
 * ```
 */
export const confusionMatrix = (predictions: NdArray, labels: NdArray): ConfusionMatrix => {
  const { data, dimensions: width, n } = samplesOf(predictions, { by: "confusionMatrix", columns: "classes" })
  const classes = Math.max(2, width)
  if (!equals(labels.shape, [n])) {
    throw new RangeError(`confusionMatrix expects labels ${format([n])}, got ${format(labels.shape)}`)
  }
  checkIndices("confusionMatrix", labels.data, classes, undefined)
  const counts = new Float64Array(classes * (classes + 1)), row = new Float64Array(width)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < width; j++) row[j] = data[i * width + j]!
    const [, predicted] = highest(classScores(row, classes))
    counts[labels.data[i]! * (classes + 1) + (predicted < 0 ? classes : predicted)]!++
  }
  return ofCounts(counts)
}

/** What counts by true class and predicted class give, with a column behind them for those taken for no class. */
const ofCounts = (all: Float64Array): ConfusionMatrix => {
  const n = Math.floor(Math.sqrt(all.length)),
    sum = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0)
  const rows = Array.from({ length: n }, (_, i) => Array.from(all.subarray(i * (n + 1), (i + 1) * (n + 1))))
  const classes = rows.map((row, j): ClassScores => {
    const support = sum(row), predicted = sum(rows.map((row) => row[j]!)), correct = row[j]!
    return {
      support,
      predicted,
      correct,
      precision: correct / predicted,
      recall: correct / support,
      f1: 2 * correct / (predicted + support)
    }
  })
  const total = sum(classes.map(({ support }) => support)), correct = sum(classes.map(({ correct }) => correct))
  return { counts: rows.map((row) => row.slice(0, n)), total, accuracy: correct / total, classes }
}

/**
 * The confusion matrix as a metric of steps and evaluations, of a classifier with so many classes: what is emitted
 * under `confusion` is a {@link ConfusionMatrix}, over a batch, an epoch or a whole test set. Predictions are scores
 * `[batch, positions…, classes]`, targets class indices `[batch, positions…]` or one-hot; of two classes one logit of the
 * second does as well, `[batch, positions…, 1]` or `[batch]`, with targets that are yes from 0.5 on. Weights of examples
 * are counted in place of examples, and what has the label `ignoreIndex` is not. Scores with `NaN` are taken for no
 * class, as {@link confusionMatrix} does.
 *
 * Throws a `RangeError` for less than two classes, for targets of another shape, and for class indices outside of
 * `[0, classes)` (which on a GPU are only looked at where a step uploads them).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const confusion = Metrics.confusion(2), scores = tf.tensor2d([[2, 0], [3, 1], [0, 1], [0, 4]])
 * Metrics.compute(confusion, [confusion.measure(scores, tf.tensor1d([0, 0, 0, 1]))]).counts // => [[2, 1], [0, 1]]
 * ```
 */
export const confusion = (
  classes: number,
  options: IgnoreOptions = {}
): Metric<"confusion", Tensor, Tensor, ConfusionMatrix> => {
  if (!(Number.isSafeInteger(classes) && classes >= 2)) {
    throw new RangeError(`confusion: classes is an integer of at least 2, got ${classes}`)
  }
  checkIgnored("confusion", options.ignoreIndex)
  return confusionAs("confusion", { ...options, classes })
}

/** The same by another name, of any number of classes. */
export const confusionAs = <const Name extends string>(
  name: Name,
  { classes, ignoreIndex }: IgnoreOptions & { readonly classes?: number } = {}
): Metric<Name, Tensor, Tensor, ConfusionMatrix> =>
  make({
    name,
    measure: (prediction: Tensor, given: Tensor, weight?: Tensor) => {
      const isLogit = areLogits(prediction) && (classes ?? 2) === 2
      if (isLogit && ignoreIndex !== undefined) {
        throw new RangeError("confusion: ignoreIndex is for targets of class indices")
      }
      const { scores, target } = isLogit
        ? asTwoClasses("confusion", prediction, given)
        : { scores: prediction, target: given }
      const n = scores.rank < 2 ? 0 : scores.shape.at(-1)!
      if (n < 2 || (classes !== undefined && n !== classes)) {
        throw new RangeError(`confusion expects scores [..., ${classes ?? "classes"}], got ${format(prediction.shape)}`)
      }
      const { actual, counts } = trueClasses("confusion", scores, target, ignoreIndex)
      const rows = (indices: Tensor, n: number) => oneHot(reshape(indices, [-1]) as Tensor1D, n, 1, 0, "float32")
      const { none, taken } = takenFor(scores)
      const truth = rows(actual, n), predicted = rows(where(none, scalar(n, "int32"), taken), n + 1)
      const values = counts === undefined ? ones(actual.shape) : { values: ones(actual.shape), weight: counts }
      const { weight: counted } = weigh("confusion", values, actual.shape[0]!, weight)
      const weights = counted && reshape(broadcastTo(counted, actual.shape as [number]), [-1, 1])
      return { counts: matMul(weights === undefined ? truth : mul(truth, weights), predicted, true) }
    },
    finish: ({ counts }) => ofCounts(counts)
  })
