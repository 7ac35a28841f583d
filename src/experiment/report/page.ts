import { allFacts } from "./facts.ts"
import { figures } from "./figures.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { judgedIn, judgments } from "./judgments.ts"
import { networks } from "./networks.ts"
import { count } from "./numbers.ts"
import type { Recorded } from "./record.ts"
import { samples } from "./samples.ts"
import { splits } from "./splits.ts"
import { style } from "./style.ts"
import { testSections } from "./tested/sections.ts"
import { testLines } from "./tested/tested.ts"
import type { Tested } from "./tested/tested.ts"
import { training } from "./training.ts"

/**
 * The report of a run as a page that asks for nothing else: no script, no file, no address. It is well-formed XML too.
 * What there is not is left out.
 */
export const page = (record: Recorded, tested: Tested = {}): string => {
  const { name, run } = record, judged = judgedIn(record), { "effect-neuron": version } = run.versions
  const drawn = samples(record), seen = judgments(judged, record), curves = training(record, testLines(record, tested))
  const beside = splits(record, seen === undefined ? [] : ["judged"])
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${name}: ${run.experiment}</title>
<style>${{ html: style }}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p class="lead">${run.experiment}, trained with effect-neuron${version === undefined ? "" : ` ${version}`}</p>
${run.note === undefined || run.note === "" ? undefined : html`<p class="note">${run.note}</p>`}
${status(record)}
${figures(record, tested, judged)}
</header>
<main>
${drawn}
${seen}
${curves}
${beside}
${testSections(record, tested)}
${networks(record)}
${allFacts(record)}
</main>
</body>
</html>
`.html
}

/** Whether a run came to its end, and how it goes on. */
const status = ({ run: { reason, resume, state, step, steps } }: Recorded): Html => {
  const all = steps ?? step,
    taken = `${steps === undefined ? "" : `${count(step)} of `}${count(all)} step${all === 1 ? "" : "s"}`
  const on = resume === undefined ? undefined : html` It goes on with <code>${resume}</code>.`
  const killed = resume === undefined ? "" : html` and goes on with <code>${resume}</code>`
  const running =
    html`Not finished: it is still running, or it was killed${killed}. Its file says ${taken}, the metrics may say more.`
  const finished = html`Finished: ${taken}.`
  const sentence: Html = {
    ...{ starting: running, running, paused: running, finished, tested: finished },
    stopped: html`Stopped after ${taken}${reason === undefined ? "" : `: ${reason}`}.${on}`,
    failed: html`Failed after ${taken}: ${reason ?? "no reason was written"}${on && html`<br/>${on}`}`
  }[state]
  return html`<p class="status ${state}" role="note">${sentence}</p>`
}
