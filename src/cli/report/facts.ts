import type { Line } from "./curve.ts"
import { html } from "./html.ts"
import type { Html, Part } from "./html.ts"
import { count, duration } from "./numbers.ts"
import type { Record } from "./readRun.ts"

/** A number that says much: its name, itself, and a note. */
export type Figure = readonly [name: string, value: Part, note: string]

/** The numbers that say most, large; what there is not is left out. */
export const figures = (entries: ReadonlyArray<Figure | undefined>): Html =>
  html`<dl class="figures">${
    entries.filter((entry) => entry !== undefined)
      .map(([name, value, note]) => html`<div><dt>${name}</dt><dd>${value} <small>${note}</small></dd></div>`)
  }</dl>`

/** How many steps a run took, which its metrics may know better. */
export const stepsFigure = ({ run: { step } }: Record<unknown>, train: ReadonlyArray<Line>, note: string): Figure => [
  "steps",
  count(Math.max(step, train.at(-1)?.step ?? 0)),
  note
]

/** Names and values, small. */
export const facts = (title: string, entries: ReadonlyArray<readonly [string, Part]>): Html =>
  html`<section>
<h2>${title}</h2>
<dl>
${
    entries.map(([name, value]) =>
      html`<div><dt>${words(name)}</dt><dd>${value}</dd></div>
`
    )
  }</dl>
</section>`

/** `learningRate` as two words. */
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** How long a run took. */
export const durations = (
  { run: { resumedFrom = 0, seconds } }: Record<unknown>,
  train: ReadonlyArray<Line>
): Html | undefined => {
  if (seconds === undefined) return undefined
  // Version 0.1.0 wrote no times into its lines, and counted the seconds from where a run went on.
  const from = train[0]?.time === undefined ? resumedFrom : 0
  const examples = train.reduce((sum, { size, step }) => step > from ? sum + size : sum, 0)
  const parts: ReadonlyArray<readonly [string, number | undefined]> = [
    [from === 0 ? "training" : `training from step ${count(from + 1)} on`, seconds.train],
    ["test", seconds.test],
    ["together", seconds.total]
  ]
  return facts("Durations", [
    ...parts.flatMap(([name, time]) => time === undefined ? [] : [[name, duration(time)] as const]),
    ...(seconds.train > 0
      ? [["training examples per second", count(Math.round(examples / seconds.train))] as const]
      : [])
  ])
}
