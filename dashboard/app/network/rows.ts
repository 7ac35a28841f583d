import type { Slots } from "./slots.ts"

// Above so many levels a picture is broken into rows, about so many times as wide as it is high.
const LEVELS = 16, SHAPE = 1.4

/** The levels after which a row can end: all that goes on comes from one column. */
const endsOf = ({ levels, links, slots }: Slots): ReadonlyArray<number> => {
  const level = new Map(levels.flatMap((slots, l) => slots.map((slot) => [slot, l] as const)))
  const sources = levels.map(() => new Set<number>())
  for (const { from } of links) sources[level.get(from)!]!.add(from)
  return sources.flatMap((from, l) => from.size === 1 && !slots[[...from][0]!]!.isLane ? [l] : [])
}

/**
 * The row of each level: a picture of many levels is broken like a line of text, at places as even as there are, where
 * one column alone leads on.
 */
export const rowsOf = (order: Slots, xs: ReadonlyArray<number>, height: number): ReadonlyArray<number> => {
  const width = xs.at(-1)!, count = xs.length > LEVELS ? Math.round(Math.sqrt(width / (SHAPE * height))) : 1
  const ends = endsOf(order), breaks = new Set<number>()
  for (let row = 1; row < count && ends.length > 0; row++) {
    const wanted = row * width / count
    breaks.add(ends.reduce((best, l) => Math.abs(xs[l]! - wanted) < Math.abs(xs[best]! - wanted) ? l : best))
  }
  let row = 0
  return xs.map((_, l) => breaks.has(l) ? row++ : row)
}
