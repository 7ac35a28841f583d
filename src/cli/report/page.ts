import { confusion } from "./confusion.ts"
import { curves } from "./curves.ts"
import { html } from "./html.ts"
import type { Html, Part } from "./html.ts"
import { mistakes } from "./mistakes.ts"
import { count, duration, percent } from "./numbers.ts"
import type { RunRecord } from "./readRun.ts"
import { style } from "./style.ts"
import type { Tested } from "./testModel.ts"

/**
 * The report of a run as a page that asks for nothing else: no script, no file, no address. What was not tested is left
 * out, and the page says so. It is well-formed XML too.
 */
export const page = (record: RunRecord, tested: Tested | undefined): string => {
  const { name, summary: { config, versions } } = record
  const about = `${config.model} on ${config.dataset}`
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${name}: ${about}</title>
<style>${{ html: style }}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p class="lead">${about}, trained with effect-neuron ${versions["effect-neuron"]}</p>
${status(record)}
${figures(record, tested)}
</header>
<main>
${curves(record)}
${tested === undefined ? untested(name) : [confusion(tested), mistakes(tested)]}
<div class="facts">
${facts("Configuration", Object.entries(config))}
${facts("Versions", Object.entries(versions))}
${durations(record)}
</div>
</main>
</body>
</html>
`.html
}

const status = ({ name, summary: { error, status, step, steps } }: RunRecord): Html => {
  const taken = steps === undefined ? `${count(step)} steps` : `${count(step)} of ${count(steps)} steps`
  const sentence: Html = {
    finished: html`Finished: ${taken}.`,
    interrupted: html`Interrupted after ${taken}. It goes on with <code>effect-neuron train --resume ${name}</code>.`,
    failed: html`Failed after ${taken}: ${error ?? "no reason was written"}`,
    running:
      html`Not finished: it is still running, or it was killed. Its summary says ${taken}, the metrics may say more.`
  }[status]
  return html`<p class="status ${status}" role="note">${sentence}</p>`
}

const figures = ({ summary: { config, seconds, step }, train }: RunRecord, tested: Tested | undefined): Html => {
  const right = tested?.matrix.classes.reduce((sum, { correct }) => sum + correct, 0) ?? 0
  const entries: ReadonlyArray<readonly [string, Part, string] | undefined> = [
    tested && [
      "test accuracy",
      percent(tested.matrix.accuracy),
      `${count(right)} of ${count(tested.matrix.total)} right`
    ],
    tested && ["test loss", tested.loss.toFixed(4), `weights of step ${count(tested.step)}`],
    ["steps", count(Math.max(step, train.at(-1)?.step ?? 0)), `batches of up to ${count(config.batchSize)}`],
    seconds && ["training time", duration(seconds.train), `and ${duration(seconds.test)} for the test`]
  ]
  return html`<dl class="figures">${
    entries.filter((entry) => entry !== undefined)
      .map(([name, value, note]) => html`<div><dt>${name}</dt><dd>${value} <small>${note}</small></dd></div>`)
  }</dl>`
}

const untested = (name: string): Html =>
  html`<section>
<h2>Test</h2>
<p>The weights were not tested when this was written; <code>effect-neuron report ${name}</code> tests them.</p>
</section>`

const facts = (title: string, entries: ReadonlyArray<readonly [string, Part]>): Html =>
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

const durations = ({ summary: { resumedFrom = 0, seconds }, train }: RunRecord): Html | undefined => {
  if (seconds === undefined) return undefined
  const examples = train.reduce((sum, { size, step }) => step > resumedFrom ? sum + size : sum, 0)
  return facts("Durations", [
    [resumedFrom === 0 ? "training" : `training from step ${count(resumedFrom + 1)} on`, duration(seconds.train)],
    ["test", duration(seconds.test)],
    ["together", duration(seconds.total)],
    ...(seconds.train > 0
      ? [["training examples per second", count(Math.round(examples / seconds.train))] as const]
      : [])
  ])
}
