import type { NdArray } from "../core/NdArray.ts"
import { highest } from "./highest.ts"
import { samplesOf } from "./samples.ts"

/** The options of {@link classDistribution}. */
export interface ClassDistributionOptions {
  /** What the predictions are: logits, as a head without an activation gives, or probabilities. By default logits. */
  readonly predictions?: "logits" | "probabilities"
}

/** What a classifier sees in a set of examples. */
export type ClassDistribution = {
  /** The number of examples of each class: those whose highest score it has. */
  readonly counts: ReadonlyArray<number>
  /** The number of classes with at least one example. */
  readonly present: number
  /** The entropy of the shares of the classes in nats, from 0 (one class only) to the logarithm of their number. */
  readonly entropy: number
  /** The mean over the examples of the probability of their class. */
  readonly confidence: number
}

/** The largest of the softmax of a row, which is 1 over the sum of what the others are to it. */
const largestProbability = (row: Float64Array, best: number): number =>
  1 / row.reduce((sum, score) => sum + Math.exp(score - best), 0)

/**
 * Which classes a classifier sees in generated examples, and how sure it is: `predictions` is what it gives,
 * `[n, classes]`. A generator that has lost modes shows in `present` and `entropy`, one whose images are of nothing in
 * `confidence`. With equal scores the first class wins. An example whose scores have `NaN` counts for no class, and
 * makes `confidence` `NaN`. Throws a `RangeError` for another shape.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Layers, Metrics, NdArray, Train } from "effect-neuron"
 *
 * // In earnest a classifier that has been trained on real images, and its training state.
 * const classifier = Layers.rescale({ scale: 9 }), weights = { params: {}, state: {} }
 * const generated = NdArray.make([1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0], [4, 3])
 * const program = Train.predict(Stream.make({ x: generated }), classifier, weights).pipe(
 *   Stream.runCollect,
 *   Effect.map((batches) => Metrics.classDistribution(NdArray.concat(batches)))
 * )
 * const { confidence, counts, entropy, present } = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * counts // => [2, 2, 0]
 * present // => 2
 * entropy // => Math.log(2)
 * confidence.toFixed(4) // => "0.9998"
 * ```
 */
export const classDistribution = (
  predictions: NdArray,
  { predictions: kind = "logits" }: ClassDistributionOptions = {}
): ClassDistribution => {
  const { data, dimensions: classes, n } = samplesOf(predictions, { by: "classDistribution", columns: "classes" })
  const counts = Array.from({ length: classes }, () => 0)
  let sure = 0
  for (let i = 0; i < n; i++) {
    const row = Float64Array.from({ length: classes }, (_, j) => data[i * classes + j]!)
    const [best, index] = highest(row)
    if (index >= 0) counts[index]!++
    sure += kind === "logits" ? largestProbability(row, best) : best
  }
  const present = counts.filter((count) => count > 0), counted = present.reduce((sum, count) => sum + count, 0)
  const entropy = present.reduce((sum, count) => sum + count / counted * Math.log(counted / count), 0)
  return { counts, present: present.length, entropy, confidence: sure / n }
}
