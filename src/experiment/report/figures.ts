import { bestOf } from "./best.ts"
import { mean } from "./curve.ts"
import { stretches } from "./epochs.ts"
import { speedOf } from "./facts.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import type { JudgedLine } from "./judgments.ts"
import { having, measuresIn, numbersIn, tellingOf, valueOf } from "./measures.ts"
import { count, duration, percent, words } from "./numbers.ts"
import type { Recorded } from "./record.ts"
import { measuredIn } from "./tested/tested.ts"
import type { Tested } from "./tested/tested.ts"

/** A number that says much: its name, itself, and a note. */
type Figure = readonly [name: string, value: string, note: string]

const MOST_TESTED = 4, MOST_TRAINED = 2

/** A loss is of the last of so many stretches of the run: that of a single step says little. */
const STRETCHES = 10

/** The numbers that say most, large. */
export const figures = (
  record: Recorded,
  tested: Tested,
  judged: ReadonlyArray<JudgedLine>
): Html => {
  const test = testFigures(record, tested), validation = bestFigures(record)
  const results = [...test, ...validation, ...judgedFigures(judged.at(-1))]
  return html`<dl class="figures">${
    [...(results.length === 0 ? trainFigures(record) : results), ...courseFigures(record)]
      .map(([name, value, note]) =>
        html`<div><dt>${name}</dt><dd>${value}${note === "" ? undefined : html` <small>${note}</small>`}</dd></div>`
      )
  }</dl>`
}

/** What the test gave, shares first. */
const testFigures = ({ others, run }: Recorded, tested: Tested): ReadonlyArray<Figure> => {
  const { examined } = tested, figures = measuredIn(tested) ?? run.results?.["test"] ?? others["test"]?.at(-1)
  if (figures === undefined) return []
  const size = figures["size"] ?? examined?.size
  const note = (name: string): string => {
    const { matrix, step } = examined ?? {}
    if (name === "accuracy" && matrix !== undefined) {
      const right = matrix.classes.reduce((sum, { correct }) => sum + correct, 0)
      return `${count(right)} of ${count(matrix.total)} right`
    }
    if (name === "loss" && step !== undefined) return `weights of step ${count(step)}`
    return typeof size === "number" ? `of ${count(size)} examples` : ""
  }
  const told = numbersIn(figures).filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => [name, value, tellingOf(name, [value])] as const)
  return told.toSorted(([, , a], [, , b]) => Number(b.tick !== undefined) - Number(a.tick !== undefined))
    .slice(0, MOST_TESTED).map(([name, value, { text }]) => [`test ${words(name)}`, text(value), note(name)])
}

const bestFigures = (record: Recorded): ReadonlyArray<Figure> => {
  const best = bestOf(record)
  if (best === undefined) return []
  const { name, step, value } = best
  return [[`best validation ${words(name)}`, tellingOf(name, [value]).text(value), `at step ${count(step)}`]]
}

const judgedFigures = (last: JudgedLine | undefined): ReadonlyArray<Figure> => {
  if (last === undefined) return []
  const { asAsked, confidence, counts, frechetDistance, frechetFloor, present, step } = last
  return [
    ["Fréchet distance", frechetDistance.toFixed(2), `real images ${frechetFloor.toFixed(2)}, step ${count(step)}`],
    ["classes drawn", `${present} of ${counts.length}`, `confidence ${confidence.toFixed(3)}`],
    ...(asAsked === undefined ? [] : [["as asked", percent(asAsked, 1), "images of the class asked for"] as const])
  ]
}

/** The losses at the end of the training, of a run that nothing else is known of. */
const trainFigures = ({ train }: Recorded): ReadonlyArray<Figure> =>
  measuresIn(train).slice(0, MOST_TRAINED).flatMap((name) => {
    const lines = having(stretches(train, STRETCHES).at(-1)!.lines, name), value = mean(lines, valueOf(name))
    if (lines.length === 0) return []
    const first = lines[0]!.step, last = lines.at(-1)!.step
    const note = first === last ? `at step ${count(last)}` : `mean of steps ${count(first)} to ${count(last)}`
    return [[words(name), tellingOf(name, [value]).text(value), note] as const]
  })

/** How many steps it took, which its metrics may know better, and how long. */
const courseFigures = (record: Recorded): ReadonlyArray<Figure> => {
  const { run: { seconds, step, steps }, train } = record, speed = speedOf(record)
  const taken = Math.max(step, train.at(-1)?.step ?? 0),
    size = train.reduce((most, { size }) => Math.max(most, size), 0)
  const note = steps !== undefined && taken < steps
    ? `of ${count(steps)}`
    : size > 1
    ? `batches of up to ${count(size)}`
    : ""
  return [
    ["steps", count(taken), note],
    ...(seconds === undefined ? [] : [
      [
        "training time",
        duration(seconds.train),
        seconds.test !== undefined
          ? `and ${duration(seconds.test)} for the test`
          : speed === undefined
          ? ""
          : `${count(Math.round(speed))} examples/s`
      ] as const
    ])
  ]
}
