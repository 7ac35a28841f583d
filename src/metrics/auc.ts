import { broadcastTo, cast, floor, mul, ones, sigmoid, sub } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { weigh } from "../losses/weighted.ts"
import { isYes } from "./classes.ts"
import { make } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/** Scores, and what the examples of each that are yes and those that are no count. */
type Counted = { readonly scores: Float64Array; readonly yes: Float64Array; readonly no: Float64Array }

const counted = (scores: ReadonlyArray<number>, yes: ReadonlyArray<number>, no: ReadonlyArray<number>): Counted => ({
  scores: Float64Array.from(scores),
  yes: Float64Array.from(yes),
  no: Float64Array.from(no)
})

/** Each score once, ascending; without what counts nothing. */
const ordered = (parts: Counted): Counted => {
  const { no, scores, yes } = parts
  if (scores.every((score, i) => (i === 0 || score > scores[i - 1]!) && yes[i]! + no[i]! !== 0)) return parts
  const order = Array.from(scores.keys()).filter((i) => yes[i]! + no[i]! !== 0)
  // Scores that are no numbers have no order, and no area.
  if (order.some((i) => Number.isNaN(scores[i]))) return counted([-Infinity], [NaN], [NaN])
  order.sort((i, j) => scores[i]! < scores[j]! ? -1 : Number(scores[i]! > scores[j]!))
  const out: [Array<number>, Array<number>, Array<number>] = [[], [], []]
  for (const i of order) {
    const last = out[0].length - 1
    if (out[0][last] === scores[i]) {
      out[1][last]! += yes[i]!
      out[2][last]! += no[i]!
    } else [scores, yes, no].forEach((column, k) => out[k]!.push(column[i]!))
  }
  return counted(...out)
}

/** Two of them as one. */
const merge = (a: Counted, b: Counted): Counted => {
  const scores: Array<number> = [], yes: Array<number> = [], no: Array<number> = []
  let i = 0, j = 0
  while (i < a.scores.length || j < b.scores.length) {
    const x = a.scores[i] ?? Infinity, y = b.scores[j] ?? Infinity
    const ofA = i < a.scores.length && x <= y, ofB = j < b.scores.length && y <= x
    scores.push(ofA ? x : y)
    yes.push((ofA ? a.yes[i]! : 0) + (ofB ? b.yes[j]! : 0))
    no.push((ofA ? a.no[i]! : 0) + (ofB ? b.no[j]! : 0))
    i += Number(ofA)
    j += Number(ofB)
  }
  return counted(scores, yes, no)
}

/** The share of pairs of a yes and a no of which the yes is higher; of equal ones, half. */
const area = ({ no, yes }: Counted): number => {
  let pairs = 0, below = 0, all = 0
  yes.forEach((count, i) => {
    pairs += count * (below + no[i]! / 2)
    below += no[i]!
    all += count
  })
  return pairs / (all * below)
}

/** How the area under the curve is found. */
export interface AucOptions {
  /**
   * Scores are told apart only as far as so many thresholds tell them, evenly spaced from 0 to 1, by which their
   * sigmoid is rounded down. By default every score counts as it is.
   */
  readonly thresholds?: number
}

/**
 * The area under the receiver operating characteristic of yes-or-no questions: how likely a yes has a higher score than
 * a no, equal scores counted half (the Mann–Whitney statistic U over the number of pairs; Hanley and McNeil, "The
 * meaning and use of the area under a receiver operating characteristic curve", Radiology 143, 1982). 0.5 is chance, 1
 * is perfect, `NaN` is where there are only yeses or only noes, or a score is `NaN`.
 *
 * Takes scores, logits or probabilities, and targets, yes from 0.5 on, both `[batch]` or `[batch, …]`, with an axis of
 * 1 behind them or not; weights of examples are counted in place of examples. It is exact over batches, epochs and
 * shards, for which every different score is kept, 24 bytes each, and a batch costs time in proportion to those before
 * it: for millions of examples give `thresholds`, 1000 say. They are of the sigmoid, so for logits. Throws a
 * `RangeError` for less than two, and for targets of another shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const auc = Metrics.auc(), measured = auc.measure(tf.tensor1d([0.1, 0.4, 0.35, 0.8]), tf.tensor1d([0, 0, 1, 1]))
 * Metrics.compute(auc, [measured]) // => 0.75
 * ```
 */
export const auc = ({ thresholds }: AucOptions = {}): Metric<"auc"> => {
  if (thresholds !== undefined && !(Number.isSafeInteger(thresholds) && thresholds >= 2)) {
    throw new RangeError(`auc: thresholds is an integer of at least 2, got ${thresholds}`)
  }
  return make({
    name: "auc",
    measure: (logits: Tensor, target: Tensor, sample?: Tensor) => {
      const isActual = isYes("auc", logits, target), size = (sample ?? logits).shape[0]!
      const { values: scores, weight } = weigh("the metric auc", logits, size, sample)
      const weights = weight === undefined ? ones(scores.shape) : broadcastTo(weight, scores.shape as [number])
      const yes = mul(weights, cast(isActual, "float32"))
      const told = thresholds === undefined ? scores : floor(mul(sigmoid(scores), thresholds - 1))
      return { scores: told, yes, no: sub(weights, yes) }
    },
    merge: (a, b) => merge(ordered(a), ordered(b)),
    finish: (parts) => area(ordered(parts))
  })
}
