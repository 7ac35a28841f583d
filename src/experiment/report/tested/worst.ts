import { isNdArray } from "../../../core/NdArray.ts"
import type { HostTree, NdArray } from "../../../core/NdArray.ts"
import type { Examination, Examined } from "../../examine.ts"
import { fits, viewOf } from "../../show.ts"
import type { Show, View } from "../../show.ts"
import { html } from "../html.ts"
import type { Html, Part } from "../html.ts"
import { count, percent, short } from "../numbers.ts"
import { table } from "../table.ts"
import type { Column } from "../table.ts"
import { nameOf } from "./confusion.ts"
import { lookAt, probabilitiesOf } from "./views.ts"

const MOST_COLUMNS = 12

/** How examples are looked at, with the names of the classes. */
export interface Looks {
  readonly show: Partial<Show>
  readonly classes: ReadonlyArray<string>
}

/** The examples that the model is furthest from telling right. */
export const worst = ({ matrix, size, worst }: Examined, looks: Looks): Html | undefined => {
  if (matrix === undefined) {
    if (worst.length === 0) return undefined
    return section(
      "Worst examples",
      `The ${worst.length} of ${count(size)} examples with the highest loss, worst first.`,
      worst,
      looks
    )
  }
  const all = matrix.total - matrix.classes.reduce((sum, { correct }) => sum + correct, 0)
  if (all === 0) {
    return html`<section>
<h2>Worst mistakes</h2>
<p>None: every test example was told right.</p>
</section>`
  }
  const shown = all === 1
    ? "The only mistake"
    : worst.length === all
    ? `All ${count(all)} mistakes, worst first`
    : `The ${worst.length} of ${count(all)} mistakes with the highest loss, worst first`
  return section(
    "Worst mistakes",
    `${shown}: the true class, what the model took it for, and the probability that it gave to each.`,
    worst,
    looks
  )
}

const section = (title: string, words: string, worst: ReadonlyArray<Examination>, looks: Looks): Html =>
  html`<section>
<h2>${title}</h2>
<p>${words}</p>
${isDrawn(looks) ? legend : undefined}
${isTable(worst[0], looks) ? rows(worst, looks) : cards(worst, looks)}
</section>`

/** Whether the true answer and the predicted one stand in one drawing. */
const isDrawn = ({ show: { target } }: Looks): boolean => target?.kind === "series" || target?.kind === "point"

const legend = html`<p class="legend"><span><i class="key key-line"></i>given, and true</span>
<span><i class="key key-validation"></i>predicted</span></p>`

/** What was taken for what, of an example whose target is a class. */
interface Taken {
  readonly label: number
  readonly predicted: number
  readonly probabilities: ReadonlyArray<number>
}

const takenIn = ({ prediction, y }: Examination, { classes, show }: Looks): Taken | undefined => {
  if (!isNdArray(y) || y.data.length !== 1) return undefined
  const known = show.target?.kind === "class" ? show.target.classes.length : classes.length
  const probabilities = probabilitiesOf(prediction, known), label = y.data[0]!
  if (probabilities === undefined || probabilities[label] === undefined) return undefined
  return { label, predicted: probabilities.indexOf(Math.max(...probabilities)), probabilities }
}

const namesOf = ({ classes, show: { target } }: Looks): ReadonlyArray<string> =>
  target?.kind === "class" ? target.classes : classes

const isOneNumber = (tree: HostTree): tree is NdArray => isNdArray(tree) && tree.data.length === 1

/** Rows of a table, with an answer that is a word or a number, are shown as one. */
const isTable = (example: Examination | undefined, looks: Looks): boolean => {
  if (example === undefined || looks.show.input?.kind !== "row" || !isNdArray(example.x)) return false
  return example.x.data.length <= MOST_COLUMNS && isNdArray(example.y) &&
    (takenIn(example, looks) !== undefined || (isOneNumber(example.y) && isOneNumber(example.prediction)))
}

const rows = (worst: ReadonlyArray<Examination>, looks: Looks): Html => {
  const { input, target } = looks.show, { data: { length: width }, shape } = worst[0]!.x as NdArray
  const names = input?.kind === "row" && fits(input, shape) ? input.names : [], classes = namesOf(looks)
  const isClass = takenIn(worst[0]!, looks) !== undefined
  const answer = target?.kind === "row" ? target.names[0] ?? "target" : "target"
  const one = (tree: HostTree): Part => short((tree as NdArray).data[0]!)
  const answers: ReadonlyArray<Column<Examination>> = isClass
    ? [
      ["true class", (example) => nameOf(classes, takenIn(example, looks)!.label)],
      ["taken for", (example) => {
        const { predicted, probabilities } = takenIn(example, looks)!
        return html`<b class="taken">${nameOf(classes, predicted)}</b> ${percent(probabilities[predicted]!, 1)}`
      }]
    ]
    : [
      [answer, ({ y }) => html`<b>${one(y)}</b>`],
      ["predicted", ({ prediction }) => html`<b class="taken">${one(prediction)}</b>`]
    ]
  return table({
    label: "Worst examples",
    caption: "What the model was given, what is true, and what it answered",
    columns: [
      ["example", ({ index }) => count(index)],
      ...Array.from({ length: width }, (_, i): Column<Examination> => [
        names[i] ?? String(i + 1),
        ({ x }) => short((x as NdArray).data[i]!)
      ]),
      ...answers,
      ["loss", ({ loss }) => short(loss)]
    ],
    rows: worst
  })
}

const cards = (worst: ReadonlyArray<Examination>, looks: Looks): Html =>
  html`<ul class="examples">
${
    worst.map((example) =>
      html`<li>${card(example, looks)}</li>
`
    )
  }</ul>`

const card = (example: Examination, looks: Looks): Html => {
  const { index, loss, x } = example, taken = takenIn(example, looks), classes = namesOf(looks)
  const input = looks.show.input, isImage = (input ?? viewOf(x))?.kind === "image"
  const what = `test ${isImage ? "image" : "example"} ${index}`
  const words = taken === undefined
    ? what
    : `${what}, ${a(nameOf(classes, taken.label))} taken for ${a(nameOf(classes, taken.predicted))}`
  return html`<figure>${lookAt(x, input, { id: `example-${index}`, words })}
<figcaption>${taken === undefined ? answer(example, looks.show.target) : mistake(taken, classes)}<br/>
<small>loss ${short(loss)}, example ${count(index)}</small></figcaption></figure>`
}

const a = (name: string): string => `a ${name}`

const mistake = ({ label, predicted, probabilities }: Taken, classes: ReadonlyArray<string>): Html =>
  html`<b>${nameOf(classes, label)}</b> <span class="probability">${percent(probabilities[label]!, 1)}</span><br/>
taken for <b class="taken">${nameOf(classes, predicted)}</b> <span class="probability">${
    percent(probabilities[predicted]!, 1)
  }</span>`

/** What is true, and what was predicted. */
const answer = ({ index, prediction, y }: Examination, view: View | undefined): Html => {
  const id = `example-${index}`
  if (isOneNumber(y) && isOneNumber(prediction) && view?.kind !== "class") {
    const name = view?.kind === "row" ? view.names[0] ?? "" : ""
    return html`${name} <b>${short(y.data[0]!)}</b>, predicted <b class="taken">${short(prediction.data[0]!)}</b>`
  }
  const together = view?.kind === "row" || view?.kind === "series" || view?.kind === "point"
  if (together && isNdArray(y) && isNdArray(prediction) && prediction.data.length === y.data.length) {
    return lookAt(y, view, { id: `${id}-answer`, words: "true and predicted", predicted: prediction })
  }
  return html`<small>true</small> ${
    lookAt(y, view, { id: `${id}-target`, words: `the target of example ${index}` })
  }<br/>
<small>predicted</small> ${
    lookAt(prediction, view, { id: `${id}-prediction`, words: `the prediction for example ${index}` })
  }`
}
