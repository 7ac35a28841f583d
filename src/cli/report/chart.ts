import { linearAxis } from "./axis.ts"
import type { Axis } from "./axis.ts"
import type { Bin } from "./curve.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count } from "./numbers.ts"

const WIDTH = 560, HEIGHT = 300
const PLOT = { left: 62, top: 16, right: WIDTH - 84, bottom: HEIGHT - 46 } as const
/** How far apart two labels have to be for both to be read. */
const LABEL = 18

/** A measure as a line, with the extremes of what its points stand for as a band around it. */
export interface ChartLine {
  readonly bins: ReadonlyArray<Bin>
  /** What stands behind its end. */
  readonly label?: string
  /** Whether its points are to be seen, because they are few. */
  readonly dots?: boolean
}

/** One curve over the steps of a run, or two, with marks for single measurements. */
export interface ChartOptions {
  readonly id: string
  /** What it shows, for those who see it and for those who do not. */
  readonly title: string
  readonly description: string
  /** The last step on the axis. */
  readonly steps: number
  readonly y: Axis
  readonly format: (value: number) => string
  readonly lines: readonly [ChartLine] | readonly [ChartLine, ChartLine]
  readonly marks: ReadonlyArray<{ readonly step: number; readonly value: number; readonly label: string }>
  /** Steps at which a line goes from top to bottom: the ends of epochs. */
  readonly rules: ReadonlyArray<number>
  /** A value at which a line goes from left to right, with what it is. */
  readonly level?: { readonly value: number; readonly label: string }
}

const within = (low: number, value: number, high: number): number => Math.min(Math.max(value, low), high)

/** A tenth of a unit is less than anyone sees, and short. */
const round = (value: number): number => Math.round(value * 10) / 10

/** Heights at which labels can be read, near to those of what they belong to. */
const apart = (heights: ReadonlyArray<number>): ReadonlyArray<number> => {
  const [a, b] = heights
  if (a === undefined || b === undefined || Math.abs(a - b) >= LABEL) return heights
  const middle = within(PLOT.top + LABEL / 2, (a + b) / 2, PLOT.bottom - LABEL / 2), down = a > b ? 1 : -1
  return [middle + down * LABEL / 2, middle - down * LABEL / 2]
}

/** The drawing, as SVG whose colors and sizes of text the page decides. */
export const chart = (options: ChartOptions): Html => {
  const { description, format, id, level, lines, marks, rules, steps, title, y } = options
  const horizontal = linearAxis(0, steps)
  const left = (step: number) => round(PLOT.left + horizontal.at(step) * (PLOT.right - PLOT.left))
  // What lies outside of the axis, such as a single low loss, is cut off at its end.
  const top = (value: number) => round(PLOT.bottom - within(0, y.at(value), 1) * (PLOT.bottom - PLOT.top))
  const path = (points: ReadonlyArray<readonly [step: number, value: number]>) =>
    points.map(([step, value], i) => `${i === 0 ? "M" : "L"}${left(step)} ${top(value)}`).join("")
  const kind = (name: string, i: number) => i === 0 ? name : `${name} second`
  const band = ({ bins }: ChartLine, i: number) => {
    const around = [
      ...bins.map(({ high, step }) => [step, high] as const),
      ...bins.toReversed().map(({ low, step }) => [step, low] as const)
    ]
    return html`<path class="${kind("band", i)}" d="${path(around)}Z"/>`
  }
  // A line of no length is a dot, where its ends are round.
  const line = ({ bins, dots = false }: ChartLine, i: number) =>
    html`<path class="${kind("line", i)}" d="${path(bins.map(({ mean, step }) => [step, mean]))}${
      bins.length === 1 ? "h0" : ""
    }"/>${
      dots
        ? bins.map(({ mean, step }) =>
          html`<circle class="${kind("dot", i)}" cx="${left(step)}" cy="${top(mean)}" r="3"/>`
        )
        : undefined
    }`
  const heights = apart(lines.map(({ bins }) => top(bins.at(-1)!.mean)))
  const label = ({ bins, label }: ChartLine, i: number) =>
    label === undefined
      ? undefined
      : html`<text class="${kind("label", i)}" x="${left(bins.at(-1)!.step) + 8}" y="${
        round(heights[i]!)
      }" dy="0.35em">${label}</text>`
  const gridline = (value: number) =>
    html`<path class="grid" d="M${PLOT.left} ${top(value)}H${PLOT.right}"/><text class="tick" x="${PLOT.left - 8}" y="${
      top(value)
    }" dy="0.35em" text-anchor="end">${format(value)}</text>`
  const stepLabel = (step: number) =>
    html`<text class="tick" x="${left(step)}" y="${PLOT.bottom + 8}" dy="1em" text-anchor="middle">${
      count(step)
    }</text>`
  const mark = ({ label, step, value }: ChartOptions["marks"][number]) => {
    // The last one has room beside it; those before it have their label above the curve, or below it at the top.
    const place = horizontal.at(step) > 0.95
      ? html`dx="10" dy="0.35em" text-anchor="start"`
      : html`dy="${y.at(value) > 0.8 ? "1.6em" : "-0.8em"}" text-anchor="middle"`
    const x = left(step), height = top(value)
    return html`<g class="mark"><circle cx="${x}" cy="${height}" r="5"><title>step ${
      count(step)
    }: ${label}</title></circle><text x="${x}" y="${height}" ${place}>${label}</text></g>`
  }
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title>
<desc id="${id}-description">${description}</desc>
${y.ticks.map(gridline)}
${rules.map((step) => html`<path class="rule" d="M${left(step)} ${PLOT.top}V${PLOT.bottom}"/>`)}
<path class="axis" d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}"/>
${horizontal.ticks.filter(Number.isInteger).map(stepLabel)}
<text class="tick" x="${PLOT.right}" y="${HEIGHT - 4}" text-anchor="end">step</text>
${
    level &&
    html`<path class="rule" d="M${PLOT.left} ${top(level.value)}H${PLOT.right}"/><text class="level" x="${
      PLOT.left + 6
    }" y="${top(level.value)}" dy="-0.5em">${level.label}</text>`
  }
${lines.map(band)}
${lines.map(line)}
${lines.map(label)}
${marks.map(mark)}
</svg>`
}
