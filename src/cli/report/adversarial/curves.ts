import { measuresOf } from "../../gan/measures.ts"
import type { Measure as Measured } from "../../gan/measures.ts"
import { ratioAxis, roomyAxis } from "../axis.ts"
import type { Axis } from "../axis.ts"
import { charts } from "../charts.ts"
import type { Measure, Series } from "../charts.ts"
import { curve, pointsOf } from "../curve.ts"
import type { Bin } from "../curve.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count } from "../numbers.ts"
import { details, table } from "../table.ts"
import type { Column } from "../table.ts"
import type { AdversarialRecord } from "./record.ts"

const ROWS = 10

const names: { readonly [M in Measured]: string } = {
  criticLoss: "critic loss",
  generatorLoss: "generator loss",
  gradientPenalty: "gradient penalty",
  realScore: "score of real images",
  fakeScore: "score of generated images",
  criticGradientNorm: "critic’s gradient norm",
  generatorGradientNorm: "generator’s gradient norm"
}

const text = (value: number): string => value.toFixed(4)

/** Losses, scores, the gradient penalty where there is one, and gradient norms over the steps. */
export const curves = ({ run: { config }, train }: AdversarialRecord): Html => {
  if (train.length === 0) return html`<section><h2>Training</h2><p>No step was taken.</p></section>`
  const shown = measuresOf(config), points = pointsOf(train.length)
  const series = (measure: Measured, name?: string): Series => ({
    bins: curve(train, (line) => line[measure]),
    ...(name === undefined ? {} : { name })
  })
  const measure = (
    title: string,
    of: string,
    lines: Measure["series"],
    axis: (values: ReadonlyArray<number>) => Axis
  ): Measure => ({
    ...{ id: title.toLowerCase().replaceAll(" ", "-"), title, subject: `${title} of ${of}`, points, text },
    series: lines,
    y: axis(lines.flatMap(({ bins }) => bins.map(({ mean }) => mean)))
  })
  const networks = (critic: Measured, generator: Measured) =>
    [series(critic, "critic"), series(generator, "generator")] as const
  const measures = [
    measure("Losses", "both networks", networks("criticLoss", "generatorLoss"), roomyAxis),
    measure(
      "Scores",
      "the images that the critic was given",
      [series("realScore", "real"), series("fakeScore", "generated")],
      roomyAxis
    ),
    ...(shown.includes("gradientPenalty")
      ? [measure("Gradient penalty", "the critic, without its factor,", [series("gradientPenalty")], ratioAxis)]
      : []),
    measure("Gradient norms", "both networks", networks("criticGradientNorm", "generatorGradientNorm"), ratioAxis)
  ]
  const columns = shown.map((name): Column<Bin> => {
    const bins = curve(train, (line) => line[name], ROWS)
    return [names[name], (_, i) => text(bins[i]!.mean)]
  })
  return html`<section>
<h2>Training</h2>
<p class="legend"><span><i class="key key-line"></i>training batches (${points})</span></p>
${charts(measures, { last: train.at(-1)!.step })}
${
    details(
      "The course as a table",
      table({
        label: "Course",
        caption: "Means over stretches of the training",
        columns: [
          ["steps", ({ from, to }) => from === to ? count(from) : `${count(from)} to ${count(to)}`],
          ...columns
        ],
        rows: curve(train, () => 0, ROWS)
      }),
      false
    )
  }
</section>`
}
