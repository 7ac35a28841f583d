import { extent } from "./extent.ts"

/** Where values stand on an axis, from 0 to 1, and the values that are written beside it. */
export interface Axis {
  readonly scale: "linear" | "logarithmic"
  /** The values at its ends. */
  readonly low: number
  readonly high: number
  readonly at: (value: number) => number
  readonly ticks: ReadonlyArray<number>
}

/** The first of 1, 2 and 5 times a power of ten that is at least `least`. */
const niceStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? 10 * power
}

const multiples = (low: number, high: number, step: number): ReadonlyArray<number> => {
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9)
  // By a division where the step is a fraction: 3 * 0.1 is not 0.3.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const n = first + i
    return step < 1 ? n / Math.round(1 / step) : n * step
  })
}

/** An axis on which equal distances are equal differences, with about five ticks. */
export const linearAxis = (low: number, high: number): Axis => {
  const length = high > low ? high - low : 1
  return {
    ...{ scale: "linear", low, high: low + length },
    at: (value) => (value - low) / length,
    ticks: multiples(low, low + length, niceStep(length / 5))
  }
}

/** An axis on which equal distances are equal ratios, for values above 0. */
export const logAxis = (low: number, high: number): Axis => {
  const from = Math.log10(low), length = Math.log10(high) - from
  const decades = Array.from(
    { length: Math.ceil(from + length) - Math.floor(from) + 1 },
    (_, i) => Math.floor(from) + i
  )
  const times = (factor: number) => (decade: number) => decade < 0 ? factor / 10 ** -decade : factor * 10 ** decade
  const inside = (ticks: ReadonlyArray<number>) => ticks.filter((tick) => tick >= low && tick <= high)
  const fine = inside(decades.flatMap((decade) => [1, 2, 5].map((factor) => times(factor)(decade))))
  const whole = inside(decades.map(times(1))), every = Math.ceil(whole.length / 8)
  const ticks = fine.length > 8 ? whole.filter((_, i) => i % every === 0) : fine
  return {
    ...{ scale: "logarithmic", low, high },
    at: (value) => (Math.log10(value) - from) / length,
    ticks: ticks.length > 2 ? ticks : multiples(low, high, niceStep((high - low) / 4))
  }
}

/** A linear axis for values of any sign, with some room above and below them. */
export const roomyAxis = (values: ReadonlyArray<number>): Axis => {
  const [low, high] = extent(values), room = (high - low) / 20
  return linearAxis(low - room, high + room)
}

/** A logarithmic axis where all values are above 0 and differ, else a linear one from 0. */
export const ratioAxis = (values: ReadonlyArray<number>): Axis => {
  const [least, most] = extent(values)
  return least > 0 && most > least ? logAxis(least / 1.15, most * 1.15) : linearAxis(0, Math.max(most, 1e-3))
}

/** The axis of a measure: one of ratios where no value is below 0, else one with room for values of any sign. */
export const measureAxis = (values: ReadonlyArray<number>): Axis =>
  extent(values)[0] < 0 ? roomyAxis(values) : ratioAxis(values)
