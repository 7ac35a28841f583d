import type { ConfusionMatrix } from "../../../metrics/confusionMatrix.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count, percent, ratio } from "../numbers.ts"
import { table } from "../table.ts"
import type { Tested } from "./testModel.ts"

/** What was taken for what, and how well each class is told from the others, as tables. */
export const confusion = ({ classes, matrix }: Tested): Html =>
  html`<section>
<h2>Confusion matrix</h2>
<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">
<table class="matrix">
<caption>${
    count(matrix.total)
  } test examples: a row for each true class, a column for each class that the model answers</caption>
<thead><tr><th scope="col">true</th>${
    classes.map((name) => html`<th scope="col">${name}</th>`)
  }<th scope="col">accuracy</th></tr></thead>
<tbody>
${
    matrix.counts.map((row, label) =>
      html`<tr><th scope="row">${classes[label]}</th>${cells(row, label, matrix)}<td>${
        percent(matrix.classes[label]!.recall)
      }</td></tr>
`
    )
  }</tbody>
</table>
</div>
<p class="legend"><span><i class="key key-right"></i>right answers, by their share of the row</span>
<span><i class="key key-wrong"></i>mistakes, by their number</span></p>
${
    table({
      label: "Scores of the classes",
      caption: "How well each class is told from the others",
      columns: [
        ["class", (_, label) => classes[label]],
        ["examples", ({ support }) => count(support)],
        ["right", ({ correct }) => count(correct)],
        ["precision", ({ precision }) => ratio(precision)],
        ["recall", ({ recall }) => ratio(recall)],
        ["F1", ({ f1 }) => ratio(f1)]
      ],
      rows: matrix.classes
    })
  }
</section>`

const cells = (
  row: ReadonlyArray<number>,
  label: number,
  { classes, counts }: ConfusionMatrix
): ReadonlyArray<Html> => {
  const worst = Math.max(...counts.flatMap((other, i) => other.filter((_, j) => j !== i)))
  return row.map((n, predicted) => {
    if (n === 0) return html`<td class="none">0</td>`
    const right = predicted === label
    // A single mistake is still to be seen, and the text on the deepest shade still to be read.
    const shade = Math.round(right ? 60 * n / classes[label]!.support : 12 + 48 * n / worst)
    return html`<td class="${right ? "right" : "wrong"}" style="--shade:${shade}%">${n}</td>`
  })
}
