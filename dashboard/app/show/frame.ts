import type { Course } from "./courses.ts"

/** Round numbers from one that is not above `low` to one that is not below `high`, about `count` of them. */
export const ticksOf = (low: number, high: number, count = 4): ReadonlyArray<number> => {
  const span = high - low, power = 10 ** Math.floor(Math.log10(span / count))
  const step = [1, 2, 5, 10].map((times) => times * power).find((step) => span / step <= count) ?? 10 * power
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** A plot of courses: where moments and values are in it, and which are at a place. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly bottom: number
  readonly ticks: ReadonlyArray<number>
  readonly low: number
  readonly high: number
  readonly first: number
  readonly last: number
  readonly x: (moment: number) => number
  readonly y: (value: number) => number
  readonly momentAt: (x: number) => number
  readonly valueAt: (y: number) => number
}

const TOP = 6, RIGHT = 8

/**
 * The frame of courses with `room` above and below them, in parts of their range, and about `count` lines across it, from
 * one to another; without such lines it ends where they end.
 */
export const frameOf = (
  courses: ReadonlyArray<Pick<Course, "start" | "values">>,
  { bottom = 18, count = 4, height = 180, left = 44, room = 0, width = 420 } = {}
): Frame => {
  const all = courses.flatMap(({ values }) => values).filter(Number.isFinite)
  const least = Math.min(...all), most = Math.max(...all), spread = most - least
  // One value alone, or what is no more than the error of its numbers, is in the middle.
  const around = spread > 1e-6 * Math.abs(most) ? spread * room : Math.max(spread, Math.abs(most) / 4) || 1
  const [from, to] = all.length === 0 ? [0, 1] : [least - around, most + around]
  const ticks = count === 0 ? [] : ticksOf(from, to, count), [low = from] = ticks, high = ticks.at(-1) ?? to
  const first = Math.min(...courses.map(({ start = 0 }) => start)), across = width - left - RIGHT
  const last = Math.max(first + 1, ...courses.map(({ start = 0, values }) => start + values.length - 1))
  const down = height - bottom - 2 * TOP
  return {
    ...{ width, height, left, bottom, ticks, low, high, first, last },
    x: (moment) => left + (moment - first) / (last - first) * across,
    y: (value) => TOP + (high - value) / (high - low) * down,
    momentAt: (x) => first + (x - left) / across * (last - first),
    valueAt: (y) => Math.max(low, Math.min(high, high - (y - TOP) / down * (high - low)))
  }
}
