import { bestOf } from "./best.ts"
import { charts } from "./charts.ts"
import type { Measure, Series } from "./charts.ts"
import { curve, mean, pointsOf } from "./curve.ts"
import { epochs, stretches } from "./epochs.ts"
import type { Stretch } from "./epochs.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { having, measuresIn, tellingOf, valueOf } from "./measures.ts"
import type { Telling } from "./measures.ts"
import { capital, count, words } from "./numbers.ts"
import type { Line, Recorded } from "./record.ts"
import { spread } from "./spread.ts"
import { details, table } from "./table.ts"
import type { Column } from "./table.ts"

const MOST_RULES = 20,
  MOST_DOTS = 40,
  MOST_TESTS = 3,
  MOST_CHARTS = 24,
  MOST_COLUMNS = 12,
  STRETCHES = 10,
  OPEN = 20,
  MOST_ROWS = 50

/** Names that begin so stand in one chart: of both networks, and of what both kinds of examples are given. */
const pairs = [["critic", "generator"], ["real", "fake"]] as const
const called: { readonly [name: string]: string } = { fake: "generated" }

/** A measure with the one that stands in its chart, and the names of the two. */
interface Pair {
  readonly names: readonly [string, string]
  readonly labels: readonly [string, string]
  readonly title: string
}

const pairOf = (name: string, names: ReadonlyArray<string>): Pair | undefined => {
  for (const labels of pairs) {
    const at = labels.findIndex((label) => name.startsWith(label)), rest = name.slice(labels[at]?.length)
    const both = [`${labels[0]}${rest}`, `${labels[1]}${rest}`] as const
    if (at < 0 || !/^[A-Z]/.test(rest) || !both.every((other) => names.includes(other))) continue
    const shown = [called[labels[0]] ?? labels[0], called[labels[1]] ?? labels[1]] as const
    return { names: both, labels: shown, title: capital(words(rest)) }
  }
  return undefined
}

/** What a curve of some lines is, with points where they are few. */
const seriesOf = (lines: ReadonlyArray<Line>, name: string): Series => ({
  bins: curve(having(lines, name), valueOf(name)),
  dots: lines.length <= MOST_DOTS
})

const meansOf = (series: ReadonlyArray<Series>): ReadonlyArray<number> =>
  series.flatMap(({ bins }) => bins.map(({ mean }) => mean))

/** All that was measured on the training batches over the steps, with the validation and the test beside it. */
export const training = (record: Recorded, test: ReadonlyArray<Line>): Html | undefined => {
  const { others, train } = record, names = measuresIn(train)
  if (train.length === 0) return html`<section><h2>Training</h2><p>No step was taken.</p></section>`
  if (names.length === 0) return undefined
  const { validation = [] } = others, best = bestOf(record), points = pointsOf(train.length)
  const validated = new Set(measuresIn(validation))
  let hasValidation = false, hasTest = false, hasBest = false

  const single = (name: string, i: number): Measure => {
    const bins = curve(having(train, name), valueOf(name)), own = { bins, dots: bins.length === 1 }
    const beside = validated.has(name) ? seriesOf(validation, name) : undefined
    const tests = having(test, name).map((line) => ({
      kind: "test" as const,
      step: line.step,
      value: valueOf(name)(line)
    }))
    const series = beside === undefined ? [own] as const : [own, beside] as const
    const marks = [...(best?.name === name ? [{ kind: "best" as const, ...best }] : []), ...tests.slice(-MOST_TESTS)]
    hasValidation ||= beside !== undefined
    hasTest ||= tests.length > 0
    hasBest ||= best?.name === name
    const values = [...meansOf(series), ...marks.map(({ value }) => value)]
    const telling = tellingOf(name, [...own.bins.flatMap(({ high, low }) => [low, high]), ...values])
    return {
      ...{ id: `train-${i}`, points, series, marks },
      ...shown(telling, values),
      subject: `${telling.title} of the training batches`
    }
  }
  const double = ({ labels, names, title }: Pair, i: number): Measure => {
    const series = [
      { name: labels[0], bins: curve(having(train, names[0]), valueOf(names[0])) },
      { name: labels[1], bins: curve(having(train, names[1]), valueOf(names[1])) }
    ] as const
    const telling = { ...tellingOf(title, meansOf(series)), title }
    return {
      ...{ id: `train-${i}`, points, series },
      ...shown(telling, meansOf(series)),
      subject: `${title} of the training batches`
    }
  }
  const all = names.map((name) => ({ name, pair: validated.has(name) ? undefined : pairOf(name, names) }))
    .filter(({ name, pair }) => pair === undefined || pair.names[0] === name)
  const measures = all.slice(0, MOST_CHARTS).map(({ name, pair }, i) =>
    pair === undefined ? single(name, i) : double(pair, i)
  )

  const passes = epochs(train), ends = passes.slice(0, -1).map(({ lines }) => lines.at(-1)!.step)
  const rules = ends.length <= MOST_RULES ? ends : []
  return html`<section>
<h2>Training</h2>
<p class="legend"><span><i class="key key-line"></i>training batches (${points})</span>
${hasValidation ? html`<span><i class="key key-validation"></i>validation</span>` : undefined}
${hasBest ? html`<span><i class="key key-best"></i>best validation</span>` : undefined}
${hasTest ? html`<span><i class="key key-test"></i>test set</span>` : undefined}
${rules.length === 0 ? undefined : html`<span><i class="key key-rule"></i>end of an epoch</span>`}</p>
${charts(measures, { range: rangeOf(train), rules })}
${all.length > MOST_CHARTS ? html`<p>${MOST_CHARTS} of ${count(all.length)} measures are shown.</p>` : undefined}
${course({ names, passes, train, validated: [...validated], validation })}
</section>`
}

/** The steps of some lines; from the start, if they begin near it. */
export const rangeOf = (lines: ReadonlyArray<Line>): readonly [number, number] => {
  const first = lines[0]!.step, last = lines.at(-1)!.step
  return [first <= last / 4 || first === last ? 0 : first, last]
}

/** What a chart says of the telling of its measure. */
export const shown = ({ axis, text, tick, title }: Telling, values: ReadonlyArray<number>) => ({
  ...{ title, text, y: axis(values) },
  ...(tick === undefined ? {} : { tick })
})

/** What was measured in a stretch: of a measure, a text. */
const columnOf = (
  head: string,
  lines: (row: Stretch) => ReadonlyArray<Line>,
  name: string,
  all: ReadonlyArray<Line>
) => {
  const value = valueOf(name), { text } = tellingOf(name, having(all, name).map(value))
  return [head, (row: Stretch) => {
    const measured = having(lines(row), name)
    return measured.length === 0 ? "" : text(mean(measured, value))
  }] as const satisfies Column<Stretch>
}

/** The epochs as a table, or stretches of a run that has but one. */
const course = ({ names, passes, train, validated, validation }: {
  readonly names: ReadonlyArray<string>
  readonly passes: ReadonlyArray<Stretch>
  readonly train: ReadonlyArray<Line>
  readonly validated: ReadonlyArray<string>
  readonly validation: ReadonlyArray<Line>
}): Html => {
  const areEpochs = passes.length > 1,
    all = areEpochs ? passes : stretches(train, STRETCHES),
    rows = spread(all, MOST_ROWS)
  const validations = new Map(rows.map((row) => {
    const first = row.lines[0]!.step, last = row.lines.at(-1)!.step
    return [row, validation.filter(({ step }) => step >= first && step <= last).slice(-1)] as const
  }))
  const columns: ReadonlyArray<Column<Stretch>> = [
    ...names.slice(0, MOST_COLUMNS).map((name) => columnOf(words(name), ({ lines }) => lines, name, train)),
    ...validated.slice(0, MOST_COLUMNS).map((name) =>
      columnOf(`validation ${words(name)}`, (row) => validations.get(row)!, name, validation)
    )
  ]
  const steps: Column<Stretch> = ["steps", ({ lines }) => {
    const first = lines[0]!.step, last = lines.at(-1)!.step
    return first === last ? count(first) : `${count(first)} to ${count(last)}`
  }]
  const some = rows.length === all.length ? "" : `; ${rows.length} of ${count(all.length)}`
  return details(
    areEpochs ? "The epochs as a table" : "The course as a table",
    table({
      label: areEpochs ? "Epochs" : "Course",
      caption: `Means over the training examples of each ${areEpochs ? "epoch" : "stretch of the training"}${some}`,
      columns: areEpochs ? [["epoch", ({ epoch }) => count(epoch!)], steps, ...columns] : [steps, ...columns],
      rows
    }),
    areEpochs && rows.length <= OPEN
  )
}
