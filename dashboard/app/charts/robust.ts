import { padded } from "./ranges.ts"
import type { Range } from "./ranges.ts"

/** The middle of the values is what is left without this part of them at each end. */
const TAIL = 0.02

/** The middle has at least this part of an axis: what would take more from it is off the scale. */
const LEAST = 0.1

// Fewer values have no middle.
const FEW = 5

const ROOM = 0.04

/**
 * The range of an axis that shows values, with some room: all of them, unless a few that are far from the others would
 * flatten these. Then it ends as far from the middle as that is long, and the few are off the scale. `all` shows them
 * too. On a logarithmic axis distances are those that one sees. `undefined` of no values.
 */
export const rangeOf = (
  values: ReadonlyArray<number>,
  { all = false, logarithmic = false }: { readonly all?: boolean; readonly logarithmic?: boolean } = {}
): Range | undefined => {
  if (values.length === 0) return undefined
  const seen = logarithmic ? Float64Array.from(values, Math.log10) : Float64Array.from(values)
  const [min, max] = middleOf(seen.sort(), all)
  const range = padded([min, max], ROOM)
  return logarithmic ? [10 ** range[0], 10 ** range[1]] : range
}

const middleOf = (sorted: Float64Array, all: boolean): Range => {
  const last = sorted.length - 1, min = sorted[0]!, max = sorted[last]!
  if (all || sorted.length < FEW) return [min, max]
  const low = sorted[Math.ceil(TAIL * last)]!, high = sorted[Math.floor((1 - TAIL) * last)]!, size = high - low
  if (!(size > 0) || size >= LEAST * (max - min)) return [min, max]
  return [Math.max(min, low - size), Math.min(max, high + size)]
}

/** Whether a value is on an axis, or on which side beyond it. */
export const sideOf = (value: number, [min, max]: Range): -1 | 0 | 1 => value < min ? -1 : value > max ? 1 : 0

/** How many values are off an axis. */
export const countOff = (values: ReadonlyArray<number>, range: Range): number =>
  values.reduce((count, value) => sideOf(value, range) === 0 ? count : count + 1, 0)
