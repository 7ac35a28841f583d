import type { Series } from "../state/series.ts"
import { numberLabel, timeLabel } from "./labels.ts"

/** What charts have along their x axes. */
export const axes = ["step", "epoch", "time"] as const
export type Axis = (typeof axes)[number]

/** A value of an axis in words. */
export const axisLabel: { readonly [axis in Axis]: (x: number, step?: number, most?: number) => string } = {
  step: (x) => Math.round(x).toLocaleString("en-US"),
  epoch: numberLabel,
  time: timeLabel
}

interface Anchors {
  readonly from: ReadonlyArray<number>
  readonly to: ReadonlyArray<number>
}

/** The value at `x` of the line through anchors, and through the last two of them beyond it. */
const through = ({ from, to }: Anchors, x: number): number => {
  let low = 0, high = from.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (from[middle]! <= x) low = middle
    else high = middle
  }
  const length = from[high]! - from[low]!
  return length === 0 ? to[low]! : to[low]! + (to[high]! - to[low]!) * (x - from[low]!) / length
}

/** The beginning, and where a column is a number. */
const anchorsOf = ({ steps, values }: Series, name: string): Anchors => {
  const column = values[name] ?? [], from = [0], to = [0]
  steps.forEach((step, i) => {
    if (!Number.isFinite(column[i]) || step <= from.at(-1)!) return
    from.push(step)
    to.push(column[i]!)
  })
  return { from, to }
}

/** Steps at which an epoch is over; the epochs of a series count from 0. */
const epochEnds = (series: Series): Anchors => {
  const { from: steps, to: epochs } = anchorsOf(series, "epoch"), from = [0], to = [0]
  for (let i = 2; i < steps.length; i++) {
    if (epochs[i]! <= epochs[i - 1]!) continue
    from.push(steps[i - 1]!)
    to.push(epochs[i]!)
  }
  return { from, to }
}

/**
 * Where the steps of a run are on an axis, by what its training has measured: `time` in seconds, and `epoch`, of which a
 * run tells the number at each step. In between, and for what was measured at other steps, by the line through its
 * neighbors. `undefined` where a run does not tell: of no time, or of no epoch that is over when `stepsPerEpoch` is not
 * known either.
 */
export const placesOf = (
  series: Series,
  axis: Axis,
  stepsPerEpoch?: number
): ((step: number) => number) | undefined => {
  if (axis === "step") return (step) => step
  if (axis === "epoch" && stepsPerEpoch !== undefined) return (step) => step / stepsPerEpoch
  const anchors = axis === "epoch" ? epochEnds(series) : anchorsOf(series, "time")
  return anchors.from.length < 2 ? undefined : (step) => through(anchors, step)
}
