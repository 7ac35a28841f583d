import { linearAxis } from "./axis.ts"
import type { Axis } from "./axis.ts"
import type { Bin } from "./curve.ts"
import { frame, placesOf, PLOT, round } from "./frame.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count } from "./numbers.ts"

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

/** A single measurement. */
export interface Mark {
  readonly kind: "test" | "best"
  readonly step: number
  readonly value: number
  readonly label: string
}

/** One curve over the steps of a run, or two, with marks for single measurements. */
export interface ChartOptions {
  readonly id: string
  /** What it shows, for those who see it and for those who do not. */
  readonly title: string
  readonly description: string
  /** The first and the last step on the axis. */
  readonly steps: readonly [first: number, last: number]
  readonly y: Axis
  readonly format: (value: number) => string
  readonly lines: readonly [ChartLine] | readonly [ChartLine, ChartLine]
  readonly marks: ReadonlyArray<Mark>
  /** Steps at which a line goes from top to bottom: the ends of epochs. */
  readonly rules: ReadonlyArray<number>
  /** A value at which a line goes from left to right, with what it is. */
  readonly level?: { readonly value: number; readonly label: string }
}

/** Text behind the end of what it belongs to. */
interface Label {
  readonly kind: string
  readonly x: number
  readonly y: number
  readonly text: string
}

/** Labels at heights at which they can be read, near to those of what they belong to. */
const apart = (labels: ReadonlyArray<Label>): ReadonlyArray<Label> => {
  const sorted = labels.toSorted((a, b) => a.y - b.y), room = PLOT.bottom - PLOT.top
  const places: Array<number> = []
  for (const { y } of sorted) places.push(Math.max(y, (places.at(-1) ?? -Infinity) + LABEL))
  // As far up again as they were pushed down on average, and not out of the drawing.
  const pushed = places.reduce((sum, place, i) => sum + place - sorted[i]!.y, 0) / Math.max(1, places.length)
  const first = places[0] ?? 0, extent = (places.at(-1) ?? 0) - first
  const up = Math.min(Math.max(first - pushed, PLOT.top), Math.max(PLOT.top, PLOT.top + room - extent)) - first
  return sorted.map(({ kind, text, x }, i) => ({ kind, text, x, y: round(places[i]! + up) }))
}

/** The drawing. */
export const chart = (options: ChartOptions): Html => {
  const { format, level, lines, marks, rules, steps, y } = options
  const horizontal = linearAxis(...steps), x = { ...horizontal, ticks: horizontal.ticks.filter(Number.isInteger) }
  const { left, top } = placesOf(x, y)
  const path = (points: ReadonlyArray<readonly [step: number, value: number]>) =>
    points.map(([step, value], i) => `${i === 0 ? "M" : "L"}${left(step)} ${top(value)}`).join("")
  const kind = (name: string, i: number) => i === 0 ? name : `${name} second`
  const band = ({ bins }: ChartLine, i: number) => {
    if (bins.every(({ high, low }) => low === high)) return undefined
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
  // The last ones have room beside them; those before have their label above the curve, or below it at the top.
  const isLast = ({ step }: Mark) => x.at(step) > 0.95
  const circle = ({ kind, label, step, value }: Mark) =>
    html`<circle cx="${left(step)}" cy="${top(value)}" r="5"><title>step ${
      count(step)
    }: ${kind} ${label}</title></circle>`
  const mark = (found: Mark) =>
    html`<g class="mark ${found.kind}">${circle(found)}${
      isLast(found) ?
        undefined :
        html`<text x="${left(found.step)}" y="${top(found.value)}" dy="${
          y.at(found.value) > 0.8 ? "1.6em" : "-0.8em"
        }" text-anchor="middle">${found.label}</text>`
    }</g>`
  const labels = apart([
    ...lines.flatMap(({ bins, label }, i): ReadonlyArray<Label> => {
      const { mean, step } = bins.at(-1)!
      return label === undefined ? [] : [{ kind: kind("label", i), x: left(step) + 8, y: top(mean), text: label }]
    }),
    ...marks.filter(isLast).map(({ kind, label, step, value }) => ({
      kind: `label ${kind}`,
      x: left(step) + 10,
      y: top(value),
      text: label
    }))
  ])
  return frame({
    ...options,
    ...{ x, xTick: count, yTick: format, xName: "step" },
    content: html`${rules.map((step) => html`<path class="rule" d="M${left(step)} ${PLOT.top}V${PLOT.bottom}"/>`)}
${
      level &&
      html`<path class="rule" d="M${PLOT.left} ${top(level.value)}H${PLOT.right}"/><text class="level" x="${
        PLOT.left + 6
      }" y="${top(level.value)}" dy="-0.5em">${level.label}</text>`
    }
${lines.map(band)}
${lines.map(line)}
${marks.map(mark)}
${labels.map(({ kind, text, x, y }) => html`<text class="${kind}" x="${x}" y="${y}" dy="0.35em">${text}</text>`)}`
  })
}
