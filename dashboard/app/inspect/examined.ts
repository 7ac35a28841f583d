import type { Examined } from "../../../src/experiment/index.ts"
import { probabilitiesOf } from "../show/values.ts"

/** A pair of classes: what is true, and what was said. */
export interface Cell {
  readonly truth: number
  readonly said: number
}

/** The places of examples, the highest loss first: of a classifier those that are wrong, or those of a cell. */
export const placesOf = (
  { labels, losses, predicted }: Pick<Examined, "labels" | "losses" | "predicted">,
  cell: Cell | undefined,
  most: number
): ReadonlyArray<number> => {
  const isWanted = (i: number): boolean =>
    labels === undefined || predicted === undefined
      ? true
      : cell === undefined
      ? labels[i] !== predicted[i]
      : labels[i] === cell.truth && predicted[i] === cell.said
  const places: Array<number> = []
  for (let i = 0; i < losses.length; i++) if (isWanted(i)) places.push(i)
  return places.sort((a, b) => losses[b]! - losses[a]!).slice(0, most)
}

/** How often each class was taken for each, the true class by row. */
export const countsOf = (
  labels: Int32Array,
  predicted: Int32Array,
  n: number
): ReadonlyArray<ReadonlyArray<number>> => {
  const counts = Array.from({ length: n }, () => Array.from({ length: n }, () => 0))
  labels.forEach((truth, i) => counts[truth]![predicted[i]!]! += 1)
  return counts
}

/** Of those that are said to be of a class the share that is, and of those that are the share that is found. */
export const precisionAndRecall = (counts: ReadonlyArray<ReadonlyArray<number>>, i: number) => {
  const right = counts[i]![i]!, said = counts.reduce((sum, row) => sum + row[i]!, 0)
  const are = counts[i]!.reduce((a, b) => a + b, 0)
  return { precision: said === 0 ? NaN : right / said, recall: are === 0 ? NaN : right / are }
}

/** How likely an example is of a class, by the scores of all classes. */
export const probabilityOf = (
  { scores }: Pick<Examined, "scores">,
  classes: number,
  place: number,
  of: number
): number => {
  if (scores === undefined) return NaN
  const each = scores.shape[1] ?? 1, data = scores.data.subarray(place * each, (place + 1) * each)
  return probabilitiesOf({ data }, classes)[of] ?? NaN
}

/** The points of the curves of one class against all others, over all thresholds: every one where a score changes. */
export interface Curves {
  readonly recall: ReadonlyArray<number>
  readonly precision: ReadonlyArray<number>
  /** The share of the others that is taken for the class. */
  readonly fallOut: ReadonlyArray<number>
  /** The area under recall by fall-out, by trapezoids. */
  readonly area: number
}

export const curvesOf = (scores: ReadonlyArray<number>, isOf: ReadonlyArray<boolean>): Curves => {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const positives = isOf.filter(Boolean).length, negatives = isOf.length - positives
  const recall: Array<number> = [], precision: Array<number> = [], fallOut: Array<number> = []
  let right = 0, wrong = 0, area = 0, before: readonly [number, number] = [0, 0]
  order.forEach((i, rank) => {
    if (isOf[i]) right += 1
    else wrong += 1
    // Equal scores have no threshold between them.
    if (rank + 1 < order.length && scores[order[rank + 1]!] === scores[i]) return
    const now = [wrong / negatives, right / positives] as const
    recall.push(now[1])
    precision.push(right / (rank + 1))
    fallOut.push(now[0])
    area += (now[0] - before[0]) * (now[1] + before[1]) / 2
    before = now
  })
  return { recall, precision, fallOut, area }
}
