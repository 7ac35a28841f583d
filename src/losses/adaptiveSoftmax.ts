import {
  add,
  cast,
  clipByValue,
  fill,
  gather,
  greaterEqual,
  less,
  logicalAnd,
  sub,
  tensor1d,
  unsortedSegmentSum,
  where,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import { clustersOf } from "../layers/clusters.ts"
import type { AdaptiveSoftmax } from "../layers/clusters.ts"
import { crossEntropy } from "../ops/crossEntropy.ts"
import { dense } from "../ops/dense.ts"
import { NONE, rowsOf } from "./rows.ts"
import type { IgnoreIndex, OfHidden, Rows } from "./rows.ts"
import type { Values } from "./weighted.ts"

const NAME = "adaptiveSoftmax"

type Parts = ReturnType<typeof clustersOf>

/** The column of the head that a class is found by. */
const columnOf = ({ clusters, frequent }: Parts, label: number): number =>
  label < frequent ? label : frequent + clusters.findIndex(({ end }) => label < end)

const integers = (values: ReadonlyArray<number>): Tensor1D => tensor1d(Int32Array.from(values), "int32")

/** The losses of the rows that count, each by the head and by its cluster alone. */
const ofKnown = ({ head }: AdaptiveSoftmax, { count, labels, rows }: Rows, parts: Parts): Tensor => {
  const counted = Array.from({ length: count }, (_, row) => row).filter((row) => labels![row] !== NONE)
  const put = (values: Tensor, places: ReadonlyArray<number>): Tensor =>
    places.length === count ? values : unsortedSegmentSum(values, integers(places), count)
  const taken = (places: ReadonlyArray<number>) => places.length === count ? rows : gather(rows, integers(places))
  const columns = integers(counted.map((row) => columnOf(parts, labels![row]!)))
  let sum = put(crossEntropy(dense(taken(counted), head), columns), counted)
  for (const { down, end, first, up } of parts.clusters) {
    const own = counted.filter((row) => labels![row]! >= first && labels![row]! < end)
    // A cluster of none keeps a gradient, of 0: of a row that is left out of all sums.
    const places = own.length > 0 ? own : counted.slice(0, 1)
    if (places.length === 0) continue
    const within = integers(places.map((row) => own.length > 0 ? labels![row]! - first : 0))
    const values = crossEntropy(dense(dense(taken(places), down), up), within)
    sum = add(sum, own.length > 0 ? put(values, places) : unsortedSegmentSum(values, integers([-1]), count))
  }
  return sum
}

/** The losses of all rows by all clusters, where nobody can say what the targets are without waiting for a device. */
export const ofUnknown = (
  { head }: AdaptiveSoftmax,
  { classes, rows }: Rows,
  { clusters, frequent }: Parts
): Tensor => {
  let column = classes, tails: Tensor | undefined
  clusters.forEach(({ down, end, first, up }, i) => {
    const isIn = logicalAnd(greaterEqual(classes, first), less(classes, end))
    column = where(isIn, fill(classes.shape, frequent + i, "int32"), column)
    const within = cast(clipByValue(sub(classes, first), 0, end - first - 1), "int32")
    const values = crossEntropy(dense(dense(rows, down), up), within)
    const own = where(isIn, values, zerosLike(values))
    tails = tails === undefined ? own : add(tails, own)
  })
  return add(crossEntropy(dense(rows, head), column), tails!)
}

/**
 * -log p of each target by a `Layers.adaptiveSoftmax` (Grave et al.: "Efficient softmax approximation for GPUs", 2017):
 * of a rare class by its cluster, which is computed for the targets in it alone. The prediction is what the layer gives,
 * with `returns: "hidden"`; the target is class indices `[batch, positions…]`. Gives one value per position; with a mask,
 * or with `ignoreIndex`, the values come with their weights, and what does not count costs nothing. Throws for other
 * shapes, and a `RangeError` for class indices outside of `[0, classes)` (which on a GPU are only looked at where a step
 * uploads them).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * // Two frequent classes and a cluster of four: all weights 0 give 1 / 3 for each column of the head.
 * const tails = [{ down: tf.zeros([8, 2]), up: tf.zeros([2, 4]) }]
 * const prediction = { hidden: tf.zeros([2, 8]), head: tf.zeros([8, 3]), tails }
 * const loss = Losses.adaptiveSoftmax(prediction, tf.tensor1d([1, 5], "int32"))
 * Array.from(loss.dataSync(), (x) => Math.exp(-x).toFixed(4)) // => ["0.3333", "0.0833"]
 * ```
 */
export const adaptiveSoftmax: OfHidden<AdaptiveSoftmax> = ((
  prediction: AdaptiveSoftmax,
  target: Tensor,
  options: IgnoreIndex = {}
): Values => {
  const parts = clustersOf(prediction), rows = rowsOf(NAME, prediction, target, parts.classes, options)
  return rows.asValues(
    rows.labels === undefined ? ofUnknown(prediction, rows, parts) : ofKnown(prediction, rows, parts)
  )
}) as OfHidden<AdaptiveSoftmax>
