import type { Run } from "../state/runs.ts"
import { smooth } from "../state/series.ts"
import type { Series } from "../state/series.ts"
import { placesOf } from "./axis.ts"
import type { Axis } from "./axis.ts"
import { metricOf } from "./definitions.ts"
import type { Definition } from "./definitions.ts"
import { styleOf } from "./style.ts"
import type { Curve } from "./thin.ts"

/** A curve of a chart. */
export interface Line extends Curve {
  /** The run that it belongs to, or what else it is of. */
  readonly of: string
  /** What of that it shows: training, or what else it was measured on. */
  readonly what: string
  /** A place in the palette. */
  readonly color: number
  /** Lengths of dashes and of gaps; none of a line without. */
  readonly dash: ReadonlyArray<number>
  /** What was measured, behind its smoothed form. */
  readonly faint?: boolean
  /** The smoothed form of another line. */
  readonly isSmoothed?: boolean
}

/** How lines are asked for. */
export interface Look {
  readonly axis: Axis
  /** From 0 to 1. */
  readonly smoothing: number
}

const smoothedBefore = new WeakMap<
  ReadonlyArray<number>,
  { readonly key: string; readonly values: ReadonlyArray<number> }
>()

/** A column, smoothed once for all drawings in which it is the same: most runs in the charts have come to their end. */
const smoothed = (column: ReadonlyArray<number>, steps: ReadonlyArray<number>, factor: number) => {
  const key = `${factor} ${steps.length} ${steps.at(-1)}`, before = smoothedBefore.get(column)
  if (before?.key === key) return before.values
  const values = smooth(column, factor)
  smoothedBefore.set(column, { key, values })
  return values
}

/** A column by what an axis has at its steps; of several values at one place the last. */
const curveOf = (
  steps: ReadonlyArray<number>,
  values: ReadonlyArray<number>,
  place: (step: number) => number,
  axis: Axis
): Curve => {
  if (axis === "step") return { xs: steps, values }
  const curve: { readonly xs: Array<number>; readonly values: Array<number> } = { xs: [], values: [] }
  steps.forEach((step, i) => {
    const x = place(step), last = curve.xs.length - 1
    if (last >= 0 && x <= curve.xs[last]!) {
      curve.values[last] = values[i]!
    } else {
      curve.xs.push(x)
      curve.values.push(values[i]!)
    }
  })
  return curve
}

/** The columns of a series that are of a metric: in training or, as their names say, in validation. */
const columnsOf = (series: Series, metric: string, isValidation: boolean) =>
  Object.entries(series.values).filter(([name]) => {
    const found = metricOf(name)
    return found.metric === metric && found.isValidation === isValidation
  }).map(([, values]) => ({ steps: series.steps, values }))

type Charted = Pick<Run, "id" | "name" | "color" | "created" | "train" | "others" | "stepsPerEpoch">

/** The curves of a metric of some runs: training, smoothed, with what was measured behind it, and what was measured beside. */
export const linesOf = (
  { exact = false, id }: Pick<Definition, "id" | "exact">,
  runs: ReadonlyArray<Charted>,
  { axis, smoothing }: Look,
  all: ReadonlyArray<Charted> = runs
): ReadonlyArray<Line> =>
  runs.flatMap((run) => {
    const { color, name, others, train } = run, place = placesOf(train, axis, run.stepsPerEpoch)
    if (place === undefined) return []
    const style = styleOf(run, all), factor = exact ? 0 : smoothing
    const line = (what: string, dash: Line["dash"]) => (steps: ReadonlyArray<number>, values: ReadonlyArray<number>) =>
      Object.assign({ of: name, what, color, dash }, curveOf(steps, values, place, axis))
    const training = line("training", style.training)
    const lines: Array<Line> = []
    for (const { steps, values } of columnsOf(train, id, false)) {
      const measured = training(steps, values)
      if (factor === 0) lines.push(measured)
      else {
        const mean = training(steps, smoothed(values, steps, factor))
        lines.push({ ...measured, faint: true }, { ...mean, isSmoothed: true })
      }
    }
    const beside = (split: string, series: Series, isValidation: boolean) => {
      for (const { steps, values } of columnsOf(series, id, isValidation)) {
        lines.push(line(split, style.validation)(steps, values))
      }
    }
    beside("validation", train, true)
    for (const [split, series] of Object.entries(others)) {
      for (const isValidation of [false, true]) beside(split, series, isValidation)
    }
    return lines
  })

/** What is known of a run by path, a curve for each that is no bias. */
export const pathLinesOf = (
  series: Series,
  { stepsPerEpoch, train }: Pick<Run, "train" | "stepsPerEpoch">,
  { axis }: Pick<Look, "axis">
): ReadonlyArray<Line> => {
  const place = placesOf(train, axis, stepsPerEpoch)
  if (place === undefined) return []
  const shown = Object.entries(series.values).filter(([path]) => !/(^|\.)bias$/.test(path))
  return shown.map(([path, values], i): Line =>
    Object.assign({
      of: path.replace(/\.kernel$/, "").replace(".network.", "."),
      what: "",
      color: i % 7,
      dash: i < 7 ? [] : [14, 3]
    }, curveOf(series.steps, values, place, axis))
  )
}
