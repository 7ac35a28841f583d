import { called, quoted } from "../../called.ts"
import { supervised } from "../../config.ts"
import { stepsFigure } from "../facts.ts"
import type { Figure } from "../facts.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count, duration, percent } from "../numbers.ts"
import { page } from "../page.ts"
import { confusion } from "./confusion.ts"
import { curves } from "./curves.ts"
import { mistakes } from "./mistakes.ts"
import type { SupervisedRecord } from "./record.ts"
import type { Tested } from "./testModel.ts"

/** The report of a supervised run. What was not tested is left out, and the page says so. */
export const supervisedPage = (record: SupervisedRecord, tested: Tested | undefined): string => {
  const { folder, run: { config }, train } = record
  return page({
    ...{ record, command: supervised.command, train },
    about: `${config.model} on ${config.dataset}`,
    figures: figuresOf(record, tested),
    sections: [curves(record), ...(tested === undefined ? [untested(folder)] : [confusion(tested), mistakes(tested)])]
  })
}

const figuresOf = (record: SupervisedRecord, tested: Tested | undefined): ReadonlyArray<Figure | undefined> => {
  const { run: { config, seconds }, train } = record
  const right = tested?.matrix.classes.reduce((sum, { correct }) => sum + correct, 0) ?? 0
  const test = seconds?.test === undefined ? "without a test" : `and ${duration(seconds.test)} for the test`
  return [
    tested && [
      "test accuracy",
      percent(tested.matrix.accuracy),
      `${count(right)} of ${count(tested.matrix.total)} right`
    ],
    tested && ["test loss", tested.loss.toFixed(4), `weights of step ${count(tested.step)}`],
    stepsFigure(record, train, `batches of up to ${count(config.batchSize)}`),
    seconds && ["training time", duration(seconds.train), test]
  ]
}

const untested = (folder: string): Html =>
  html`<section>
<h2>Test</h2>
<p>The weights were not tested when this was written; <code>${called("effect-neuron report")} ${
    quoted(folder)
  }</code> tests them.</p>
</section>`
