import type { Placed, Slots } from "./slots.ts"

/** How much a slot needs above and below its middle. */
export interface Extent {
  readonly above: number
  readonly below: number
}

interface Run {
  sum: number
  weight: number
  count: number
}

/**
 * The heights that are closest to those that are wanted, by weighted squares, where each slot stays below the one
 * before it: neighbors that want to pass each other move together (the algorithm of pool adjacent violators).
 */
const apart = (
  wanted: ReadonlyArray<number>,
  weights: ReadonlyArray<number>,
  extents: ReadonlyArray<Extent>
): ReadonlyArray<number> => {
  const offsets: Array<number> = []
  extents.forEach(({ above }, i) => offsets.push(i === 0 ? 0 : offsets[i - 1]! + extents[i - 1]!.below + above))
  const runs: Array<Run> = []
  wanted.forEach((y, i) => {
    const weight = weights[i]!
    runs.push({ sum: weight * (y - offsets[i]!), weight, count: 1 })
    for (let last = runs.at(-1)!, before = runs.at(-2); before; last = runs.at(-1)!, before = runs.at(-2)) {
      if (before.sum / before.weight <= last.sum / last.weight) break
      runs.splice(-2, 2, {
        sum: before.sum + last.sum,
        weight: before.weight + last.weight,
        count: before.count + last.count
      })
    }
  })
  const moved = runs.flatMap(({ count, sum, weight }) => Array.from({ length: count }, () => sum / weight))
  return moved.map((y, i) => y + offsets[i]!)
}

const SWEEPS = 12
// What goes past a column makes way for it.
const LANE = 0.01

const mean = (values: ReadonlyArray<number>): number => values.reduce((a, b) => a + b, 0) / values.length

/**
 * The heights of slots: each column in the middle of what it takes and of what takes it, as far as the others of its
 * level leave room, and lanes as straight as they can be.
 */
export const heightsOf = (
  columns: ReadonlyArray<Placed>,
  { levels, slots }: Slots,
  extent: (slot: number) => Extent
): ReadonlyArray<number> => {
  const near = slots.map(({ after, before, column, isLane }) =>
    isLane ? [...before, ...after] : [...columns[column]!.takes]
  )
  columns.forEach(({ takes }, column) => takes.forEach((source) => near[source]!.push(column)))
  const extents = slots.map((_, slot) => extent(slot)), y = slots.map(() => 0)
  const settle = (level: ReadonlyArray<number>) => {
    const found = apart(
      level.map((slot) => near[slot]!.length === 0 ? y[slot]! : mean(near[slot]!.map((other) => y[other]!))),
      level.map((slot) => slots[slot]!.isLane ? LANE : 1),
      level.map((slot) => extents[slot]!)
    )
    level.forEach((slot, i) => y[slot] = found[i]!)
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const level of sweep % 2 === 0 ? levels : levels.toReversed()) settle(level)
  }
  return y
}
