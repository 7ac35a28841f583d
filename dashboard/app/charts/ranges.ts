/** A part of an axis. */
export type Range = readonly [min: number, max: number]

/** The range made larger by a factor, or smaller, around a point that stays where it is. */
export const zoomAt = ([min, max]: Range, at: number, factor: number): Range => [
  at - (at - min) * factor,
  at + (max - at) * factor
]

export const move = ([min, max]: Range, by: number): Range => [min + by, max + by]

/** What is seen of `full`: at most all of it, which is `undefined`, and a range that reaches beyond is moved back. */
export const within = ([min, max]: Range, full: Range): Range | undefined => {
  const size = max - min
  if (!(size < full[1] - full[0])) return undefined
  if (min < full[0]) return [full[0], full[0] + size]
  if (max > full[1]) return [full[1] - size, full[1]]
  return [min, max]
}

/** Fingers that are closer along an axis than this part of it do not zoom it. */
const CLOSE = 0.1

/**
 * The range after two fingers were moved: what was under each is under it again. Where fingers are, `from` and `to`,
 * is told in parts of the axis.
 */
export const pinch = ([min, max]: Range, from: Range, to: Range): Range => {
  const size = max - min, spread = to[1] - to[0], before = from[1] - from[0]
  if (Math.abs(spread) < CLOSE || Math.abs(before) < CLOSE || spread * before < 0) {
    return move([min, max], -size * (to[0] + to[1] - from[0] - from[1]) / 2)
  }
  const next = size * before / spread, low = min + from[0] * size - to[0] * next
  return [low, low + next]
}

/** A range on a logarithmic axis, changed as it is seen there. */
export const asSeen = (logarithmic: boolean, change: (range: Range) => Range) => ([min, max]: Range): Range => {
  if (!logarithmic) return change([min, max])
  const [low, high] = change([Math.log10(min), Math.log10(max)])
  return [10 ** low, 10 ** high]
}

// What differs by less has been computed in another order: means of one value do.
const SAME = 1e-9

/** A range with some room, which there is of a single value too. */
export const padded = ([min, max]: Range, part = 0): Range => {
  const room = max - min <= SAME * Math.abs(max) ? Math.abs(min) / 10 || 1 : (max - min) * part
  return [min - room, max + room]
}
