import type { Axis } from "./axis.ts"
import { chart } from "./chart.ts"
import type { Mark } from "./chart.ts"
import type { Bin } from "./curve.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count, tick as plainTick } from "./numbers.ts"

/** A line of a chart, with its name where there are two of one kind. */
export interface Series {
  readonly name?: string
  readonly bins: ReadonlyArray<Bin>
  /** Whether its points are to be seen. */
  readonly dots?: boolean
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
  /** Whether the last value stands beside the line. */
  readonly ends?: boolean
  /** Single measurements. */
  readonly marks?: ReadonlyArray<Omit<Mark, "label">>
  /** A value to compare with, and what has it. */
  readonly level?: { readonly of: string; readonly value: number }
}

/** The steps that charts are over: the first and the last one, and those at which something ends. */
export interface Steps {
  readonly range: readonly [first: number, last: number]
  readonly rules?: ReadonlyArray<number>
}

/** Measures over the steps as drawings beside each other, each of which can be read aloud as well. */
export const charts = (measures: ReadonlyArray<Measure>, steps: Steps): Html =>
  html`<div class="charts">
${measures.map((measure) => figure(measure, steps))}</div>`

const figure = (measure: Measure, { range, rules = [] }: Steps): Html => {
  const { ends = false, id, level, marks = [], series, text, tick = plainTick, title, y } = measure
  const line = ({ bins, dots = false, name }: Series) => {
    const label = name ?? (ends ? text(bins.at(-1)!.mean) : undefined)
    return { bins, dots, ...(label === undefined ? {} : { label }) }
  }
  const [first, second] = series
  return html`<figure>
<figcaption>${title}${y.scale === "logarithmic" ? html` <small>logarithmic scale</small>` : undefined}</figcaption>
${
    chart({
      ...{ id, y, rules, steps: range, format: tick },
      title: `${title} over the steps`,
      description: describe(measure),
      lines: second === undefined ? [line(first)] : [line(first), line(second)],
      marks: marks.map(({ kind, step, value }) => ({ kind, step, value, label: text(value) })),
      ...(level === undefined ? {} : { level: { value: level.value, label: `${level.of} ${text(level.value)}` } })
    })
  }
</figure>
`
}

const said = { best: "best validation", test: "on the test set" } as const

/** What a chart shows in words. */
const describe = ({ level, marks = [], points, series, subject, text }: Measure): string => {
  const at = (index: number) =>
    series.map(({ bins, name }) => `${name === undefined ? "" : `${name} `}${text(bins.at(index)!.mean)}`).join(", ")
  const { bins } = series[0]
  const marked = (["best", "test"] as const).flatMap((kind) => {
    const values = marks.filter((mark) => mark.kind === kind).map(({ value }) => text(value))
    return values.length === 0 ? [] : [`${said[kind]} ${values.join(", ")}`]
  })
  return [
    `${subject} from step ${count(bins[0]!.from)}, ${at(0)}, to step ${count(bins.at(-1)!.to)}, ${at(-1)}`,
    ...marked,
    ...(level === undefined ? [] : [`${level.of} ${text(level.value)}`])
  ].join("; ") + `. ${points}.`
}
