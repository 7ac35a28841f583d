import { resumeCommand } from "../recordRun.ts"
import type { Line } from "./curve.ts"
import { durations, facts, figures } from "./facts.ts"
import type { Figure } from "./facts.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { networks } from "./networks.ts"
import { count } from "./numbers.ts"
import type { Record } from "./readRun.ts"
import { style } from "./style.ts"

/** What the report of a kind of run is made of. */
export interface PageOptions {
  readonly record: Record<object>
  /** The command that trains such a run. */
  readonly command: string
  /** What was trained, on what. */
  readonly about: string
  readonly train: ReadonlyArray<Line>
  readonly figures: ReadonlyArray<Figure | undefined>
  readonly sections: ReadonlyArray<Html>
}

/**
 * The report of a run as a page that asks for nothing else: no script, no file, no address. It is well-formed XML too.
 */
export const page = ({ about, command, figures: numbers, record, sections, train }: PageOptions): string => {
  const { name, run: { config, versions } } = record
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
${status(record, command)}
${figures(numbers)}
</header>
<main>
${sections}
${networks(record)}
<div class="facts">
${facts("Configuration", Object.entries(config).map(([key, value]) => [key, String(value)]))}
${facts("Versions", Object.entries(versions))}
${durations(record, train)}
</div>
</main>
</body>
</html>
`.html
}

/** Whether a run came to its end, and how it goes on where it did not. */
const status = ({ folder, run: { reason, state, step, steps } }: Record<unknown>, command: string): Html => {
  const taken = steps === undefined ? `${count(step)} steps` : `${count(step)} of ${count(steps)} steps`
  const resume = html`<code>${resumeCommand(command, folder)}</code>`
  const finished = html`Finished: ${taken}.`
  const running =
    html`Not finished: it is still running, or it was killed and goes on with ${resume}. Its file says ${taken}, the metrics may say more.`
  const sentence: Html = {
    ...{ finished, tested: finished, starting: running, running, paused: running },
    stopped: html`Stopped after ${taken}. It goes on with ${resume}.`,
    failed: html`Failed after ${taken}: ${reason ?? "no reason was written"}`
  }[state]
  return html`<p class="status ${state}" role="note">${sentence}</p>`
}
