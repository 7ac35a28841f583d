import { argMax, cast, matMul, mul, oneHot, ones, reshape } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import type { NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"
import { float } from "../losses/weighted.ts"
import { weigh } from "../losses/weighted.ts"
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
 * which the highest wins, of equal ones the first; `labels` are class indices, `[n]`. It compares whole sets, so that
 * the predictions of several batches are first put together by `NdArray.concat`.
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
  const { data, dimensions: classes, n } = samplesOf(predictions, { by: "confusionMatrix", columns: "classes" })
  if (!equals(labels.shape, [n])) {
    throw new RangeError(`confusionMatrix expects labels ${format([n])}, got ${format(labels.shape)}`)
  }
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0))
  const support = Array.from({ length: classes }, () => 0)
  const row = new Float64Array(classes)
  for (let i = 0; i < n; i++) {
    const label = labels.data[i]!
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(`confusionMatrix expects labels from 0 to ${classes - 1}, got ${label}`)
    }
    for (let j = 0; j < classes; j++) row[j] = data[i * classes + j]!
    const [, predicted] = highest(row)
    support[label]!++
    if (predicted >= 0) counts[label]![predicted]!++
  }
  return ofCounts(counts, support)
}

/** The scores that counts give; `support` also counts examples that are taken for no class. */
const ofCounts = (
  counts: ReadonlyArray<ReadonlyArray<number>>,
  support: ReadonlyArray<number> = counts.map((row) => row.reduce((a, b) => a + b, 0))
): ConfusionMatrix => {
  const n = support.reduce((a, b) => a + b, 0)
  const scores = counts.map((row, j): ClassScores => {
    const predicted = counts.reduce((sum, row) => sum + row[j]!, 0), correct = row[j]!, total = support[j]!
    return {
      support: total,
      predicted,
      correct,
      precision: correct / predicted,
      recall: correct / total,
      f1: 2 * correct / (predicted + total)
    }
  })
  const correct = scores.reduce((sum, { correct }) => sum + correct, 0)
  return { counts, total: n, accuracy: correct / n, classes: scores }
}

/**
 * The confusion matrix as a metric of steps and evaluations, of a classifier with so many classes: what is emitted
 * under `confusion` is a {@link ConfusionMatrix}, over a batch, an epoch or a whole test set. Predictions are scores
 * `[batch, positions…, classes]`, targets class indices `[batch, positions…]` or one-hot; weights of examples are
 * counted in place of examples. Throws a `RangeError` for less than two classes.
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
export const confusion = (classes: number): Metric<"confusion", Tensor, Tensor, ConfusionMatrix> => {
  if (!(Number.isSafeInteger(classes) && classes >= 2)) {
    throw new RangeError(`confusion: classes is an integer of at least 2, got ${classes}`)
  }
  return make({
    name: "confusion",
    measure: (prediction: Tensor, target: Tensor, weight?: Tensor) => {
      const positions = prediction.shape.slice(0, -1), oneHotTarget = equals(target.shape, prediction.shape)
      if (prediction.shape.at(-1) !== classes || !(oneHotTarget || equals(target.shape, positions))) {
        throw new RangeError(
          `confusion expects scores [..., ${classes}] with targets ${format(positions)} or one-hot, got ` +
            `${format(prediction.shape)} with ${format(target.shape)}`
        )
      }
      const rows = (classOf: Tensor) =>
        cast(oneHot(cast(reshape(classOf, [-1]), "int32") as Tensor1D, classes), "float32")
      const truth = rows(oneHotTarget ? argMax(float(target), -1) : target), taken = rows(argMax(float(prediction), -1))
      const { values, weight: counted } = weigh("confusion", ones(positions), positions[0]!, weight)
      const weights = counted === undefined ? undefined : reshape(mul(values, counted), [-1, 1])
      return { counts: matMul(weights === undefined ? truth : mul(truth, weights), taken, true) }
    },
    finish: ({ counts }) =>
      ofCounts(Array.from({ length: classes }, (_, i) => Array.from(counts.subarray(i * classes, (i + 1) * classes))))
  })
}
