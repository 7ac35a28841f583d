import { charts } from "./charts.ts"
import { curve, pointsOf } from "./curve.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { having, measuresIn, tellingOf, valueOf } from "./measures.ts"
import { capital, count, words } from "./numbers.ts"
import type { Line, Recorded } from "./record.ts"
import { spread } from "./spread.ts"
import { details, table } from "./table.ts"
import { rangeOf, shown } from "./training.ts"

const MOST_DOTS = 40, MOST_ROWS = 20, MOST_CHARTS = 12

/** What stands in the charts of the training already. */
const isBeside = (split: string): boolean => split === "validation" || split === "test"

/** What was measured beside the training that its charts do not have: on other splits, and by other measures. */
export const splits = ({ others, train }: Recorded, except: ReadonlyArray<string>): ReadonlyArray<Html> => {
  const trained = new Set(measuresIn(train))
  return Object.entries(others).flatMap(([split, lines], place) => {
    const names = measuresIn(lines).filter((name) => !isBeside(split) || !trained.has(name))
    // What was tested once is a figure, and no chart.
    if (names.length === 0 || except.includes(split) || (split === "test" && lines.length === 1)) return []
    return [section(split, `split-${place}`, lines, names.slice(0, MOST_CHARTS), train)]
  })
}

const section = (
  split: string,
  id: string,
  lines: ReadonlyArray<Line>,
  names: ReadonlyArray<string>,
  train: ReadonlyArray<Line>
): Html => {
  const tellings = names.map((name) => tellingOf(name, having(lines, name).map(valueOf(name))))
  const measures = names.map((name, i) => {
    const bins = curve(having(lines, name), valueOf(name))
    return {
      ...shown(tellings[i]!, bins.map(({ mean }) => mean)),
      ...{ id: `${id}-${i}`, points: pointsOf(lines.length, "measurement"), ends: true },
      subject: `${tellings[i]!.title} (${split})`,
      series: [{ bins, dots: lines.length <= MOST_DOTS }] as const
    }
  })
  const rows = spread(lines, MOST_ROWS), all = [...train.slice(0, 1), ...lines, ...train.slice(-1)]
  return html`<section>
<h2>${capital(words(split))}</h2>
${charts(measures, { range: rangeOf(all.toSorted((a, b) => a.step - b.step)) })}
${
    details(
      "The measurements as a table",
      table({
        label: `${capital(words(split))}, measurements`,
        caption: rows.length === lines.length
          ? `All of ${split}`
          : `${rows.length} of the ${count(lines.length)} of ${split}`,
        columns: [
          ["step", ({ step }) => count(step)],
          ...names.map((name, i) => {
            const { text } = tellings[i]!
            return [words(name), (line: Line) => {
              const value = valueOf(name)(line)
              return Number.isFinite(value) ? text(value) : ""
            }] as const
          })
        ],
        rows
      }),
      false
    )
  }
</section>`
}
