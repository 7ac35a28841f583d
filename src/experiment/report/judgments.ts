import { Result, Schema } from "effect"
import { linearAxis, ratioAxis } from "./axis.ts"
import { charts } from "./charts.ts"
import type { Measure } from "./charts.ts"
import { curve, pointsOf } from "./curve.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count, percent } from "./numbers.ts"
import type { Recorded } from "./record.ts"
import { spread } from "./spread.ts"
import { details, table } from "./table.ts"
import type { Column } from "./table.ts"

const MOST_ROWS = 20, MOST_DOTS = 40

const JudgedLine = Schema.Struct({
  split: Schema.Literal("judged"),
  step: Schema.Int,
  images: Schema.Int,
  frechetDistance: Schema.Finite,
  frechetFloor: Schema.Finite,
  counts: Schema.Array(Schema.Int),
  present: Schema.Int,
  entropy: Schema.Finite,
  confidence: Schema.Finite,
  asAsked: Schema.optionalKey(Schema.Finite)
})

/** What a classifier saw in generated images. */
export type JudgedLine = typeof JudgedLine.Type

const decode = Schema.decodeUnknownResult(JudgedLine)

/** The judgments of a classifier, of which the split `judged` may have others. */
export const judgedIn = ({ others: { judged = [] } }: Pick<Recorded, "others">): ReadonlyArray<JudgedLine> =>
  judged.flatMap((line) => {
    const found = decode(line)
    return Result.isSuccess(found) ? [found.success] : []
  })

/** What a classifier saw in the images over the steps, and in those of the last step at which it looked. */
export const judgments = (judged: ReadonlyArray<JudgedLine>, { run, train }: Recorded): Html | undefined => {
  const last = judged.at(-1)
  if (last === undefined) return undefined
  const { counts, entropy, frechetFloor, images, step } = last
  const lines = judged.map((line) => ({ ...line, size: line.images })), dots = judged.length <= MOST_DOTS
  const common = { points: pointsOf(judged.length, "judgment"), ends: dots }
  const bins = (measure: (line: JudgedLine) => number) => curve(lines, measure)
  const distance = bins(({ frechetDistance }) => frechetDistance)
  const conditional = judged.every(({ asAsked }) => asAsked !== undefined)
  const measures: ReadonlyArray<Measure> = [
    {
      ...{ ...common, id: "frechet", title: "Fréchet distance", subject: "Fréchet distance of generated images" },
      y: ratioAxis([...distance.map(({ mean }) => mean), frechetFloor]),
      text: (value) => value.toFixed(2),
      series: [{ bins: distance, dots }],
      level: { of: "real images", value: frechetFloor }
    },
    {
      ...{ ...common, id: "classes", title: "Classes", subject: "Number of classes among the images" },
      y: linearAxis(0, counts.length),
      text: (value) => String(Math.round(10 * value) / 10),
      series: [{ bins: bins(({ present }) => present), dots }]
    },
    ...(conditional
      ? [{
        ...{ ...common, id: "as-asked", title: "As asked", subject: "Share of images of the class that was asked for" },
        y: linearAxis(0, 1),
        tick: (value: number) => percent(value, 0),
        text: (value: number) => percent(value, 1),
        series: [{ bins: bins(({ asAsked }) => asAsked!), dots }] as const
      }]
      : [])
  ]
  const rows = spread(judged, MOST_ROWS)
  return html`<section>
<h2>Judgment</h2>
<p>What a classifier sees in ${
    count(images)
  } generated images of one noise: the classes, and how far its features are from those of test images. The distance of real images is that of as many other test images.</p>
${charts(measures, { range: [0, Math.max(step, train.at(-1)?.step ?? 0)] })}
${
    table({
      label: "Classes of the images",
      caption: `The ${count(images)} images after step ${count(step)} by class; entropy ${
        entropy.toFixed(3)
      }, at most ${Math.log(counts.length).toFixed(3)}`,
      columns: [
        ["class", () => "images"],
        ...counts.map((n, i): Column<undefined> => [run.classes?.[i] ?? String(i), () => count(n)])
      ],
      rows: [undefined]
    })
  }
${
    details(
      "The judgments as a table",
      table({
        label: "Judgments",
        caption: rows.length === judged.length
          ? "What the classifier saw at each step at which it looked"
          : `${rows.length} of the ${count(judged.length)} judgments`,
        columns: [
          ["step", ({ step }) => count(step)],
          ["Fréchet distance", ({ frechetDistance }) => frechetDistance.toFixed(2)],
          ["classes", ({ present }) => present],
          ["entropy", ({ entropy }) => entropy.toFixed(3)],
          ["confidence", ({ confidence }) => confidence.toFixed(3)],
          ...(conditional ? [["as asked", ({ asAsked }: JudgedLine) => percent(asAsked!, 1)] as const] : [])
        ],
        rows
      }),
      false
    )
  }
</section>`
}
