import type { Axis } from "./axis.ts"
import { chart } from "./chart.ts"
import type { Bin } from "./curve.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count } from "./numbers.ts"

/** A line of a chart, with its name where there are two. */
export interface Series {
  readonly name?: string
  readonly bins: ReadonlyArray<Bin>
}

/** What a chart shows: a measure over the steps, or two that are of one kind. */
export interface Measure {
  /** The name of its drawing, unlike that of any other on the page. */
  readonly id: string
  readonly title: string
  /** What is measured, of what: `Loss of the training batches`. */
  readonly subject: string
  readonly y: Axis
  /** A value as it stands beside the axis, and as it stands elsewhere. */
  readonly tick?: (value: number) => string
  readonly text: (value: number) => string
  /** Each line has at least one point. */
  readonly series: readonly [Series] | readonly [Series, Series]
  /** What a point stands for. */
  readonly points: string
  /** Whether the points are to be seen, and the last value beside the line. */
  readonly dots?: boolean
  /** Single measurements of another kind, and of what they are. */
  readonly marks?: {
    readonly of: string
    readonly values: ReadonlyArray<{ readonly step: number; readonly value: number }>
  }
  /** A value to compare with, and what has it. */
  readonly level?: { readonly of: string; readonly value: number }
}

/** The steps that charts are over: the last one, and those at which something ends. */
export interface Steps {
  readonly last: number
  readonly rules?: ReadonlyArray<number>
}

/** Measures over the steps as drawings beside each other, each of which can be read aloud as well. */
export const charts = (measures: ReadonlyArray<Measure>, steps: Steps): Html =>
  html`<div class="charts">
${measures.map((measure) => figure(measure, steps))}</div>`

const figure = (measure: Measure, { last, rules = [] }: Steps): Html => {
  const { dots = false, id, level, marks, series, text, tick = String, title, y } = measure
  const line = ({ bins, name }: Series) => {
    const label = name ?? (dots ? text(bins.at(-1)!.mean) : undefined)
    return { bins, dots, ...(label === undefined ? {} : { label }) }
  }
  const [first, second] = series
  return html`<figure>
<figcaption>${title}${y.scale === "logarithmic" ? html` <small>logarithmic scale</small>` : undefined}</figcaption>
${
    chart({
      ...{ id, y, rules, steps: last, format: tick },
      title: `${title} over the steps`,
      description: describe(measure),
      lines: second === undefined ? [line(first)] : [line(first), line(second)],
      marks: (marks?.values ?? []).map(({ step, value }) => ({ step, value, label: text(value) })),
      ...(level === undefined ? {} : { level: { value: level.value, label: `${level.of} ${text(level.value)}` } })
    })
  }
</figure>
`
}

/** What a chart shows in words. */
const describe = ({ level, marks, points, series, subject, text }: Measure): string => {
  const at = (index: number) =>
    series.map(({ bins, name }) => `${name === undefined ? "" : `${name} `}${text(bins.at(index)!.mean)}`).join(", ")
  const { bins } = series[0], tested = marks?.values ?? []
  return [
    `${subject} from step ${count(bins[0]!.from)}, ${at(0)}, to step ${count(bins.at(-1)!.to)}, ${at(-1)}`,
    ...(tested.length === 0 ? [] : [`${marks!.of} ${tested.map(({ value }) => text(value)).join(", ")}`]),
    ...(level === undefined ? [] : [`${level.of} ${text(level.value)}`])
  ].join("; ") + `. ${points}.`
}
