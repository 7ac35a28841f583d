import type { ClassScores, ConfusionMatrix } from "../../../metrics/confusionMatrix.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count, percent, ratio } from "../numbers.ts"
import { table } from "../table.ts"

const MOST_CLASSES = 40, MOST_CONFUSIONS = 20

/** What was taken for what, and how well each class is told from the others, as tables. */
export const confusion = (matrix: ConfusionMatrix, classes: ReadonlyArray<string>): Html => {
  const isSmall = matrix.classes.length <= MOST_CLASSES
  const rows = matrix.classes.map((scores, label) => ({ ...scores, name: nameOf(classes, label) }))
  const some = isSmall ? rows : rows.toSorted((a, b) => grade(a) - grade(b)).slice(0, MOST_CLASSES)
  return html`<section>
<h2>${isSmall ? "Confusion matrix" : "Confusions"}</h2>
${isSmall ? square(matrix, classes) : frequent(matrix, classes)}
${
    table({
      label: "Scores of the classes",
      caption: `How well each class is told from the others${
        isSmall ? "" : `: the ${MOST_CLASSES} of ${count(rows.length)} with the lowest F1`
      }`,
      columns: [
        ["class", ({ name }) => name],
        ["examples", ({ support }) => count(support)],
        ["right", ({ correct }) => count(correct)],
        ["precision", ({ precision }) => ratio(precision)],
        ["recall", ({ recall }) => ratio(recall)],
        ["F1", ({ f1 }) => ratio(f1)]
      ],
      rows: some
    })
  }
</section>`
}

/** The name of a class, which is its index where nobody has given it one. */
export const nameOf = (classes: ReadonlyArray<string>, label: number): string => classes[label] ?? String(label)

/** What is of no class that was met says nothing, and is no low grade. */
const grade = ({ f1 }: ClassScores): number => Number.isFinite(f1) ? f1 : 1

const square = (matrix: ConfusionMatrix, classes: ReadonlyArray<string>): Html =>
  html`<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">
<table class="matrix">
<caption>${
    count(matrix.total)
  } test examples: a row for each true class, a column for each class that the model answers</caption>
<thead><tr><th scope="col">true</th>${
    matrix.classes.map((_, label) => html`<th scope="col">${nameOf(classes, label)}</th>`)
  }<th scope="col">accuracy</th></tr></thead>
<tbody>
${
    matrix.counts.map((row, label) =>
      html`<tr><th scope="row">${nameOf(classes, label)}</th>${cells(row, label, matrix)}<td>${
        percent(matrix.classes[label]!.recall)
      }</td></tr>
`
    )
  }</tbody>
</table>
</div>
<p class="legend"><span><i class="key key-right"></i>right answers, by their share of the row</span>
<span><i class="key key-wrong"></i>mistakes, by their number</span></p>`

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
    return html`<td class="${right ? "right" : "wrong"}" style="--shade:${shade}%">${count(n)}</td>`
  })
}

/** The mistakes that are made most, of so many classes that a square of them is nothing to look at. */
const frequent = ({ counts, total }: ConfusionMatrix, classes: ReadonlyArray<string>): Html => {
  const rows = counts.flatMap((row, label) =>
    row.flatMap((n, predicted) => n === 0 || predicted === label ? [] : [{ label, predicted, n }])
  ).toSorted((a, b) => b.n - a.n).slice(0, MOST_CONFUSIONS)
  return table({
    label: "Confusions",
    caption: `What is taken for something else most often, of ${count(total)} test examples`,
    columns: [
      ["true class", ({ label }) => nameOf(classes, label)],
      ["taken for", ({ predicted }) => nameOf(classes, predicted)],
      ["examples", ({ n }) => count(n)]
    ],
    rows
  })
}
