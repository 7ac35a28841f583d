import { linearAxis, logAxis } from "./axis.ts"
import { chart } from "./chart.ts"
import { curve, epochs } from "./curve.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count, percent, ratio } from "./numbers.ts"
import type { RunRecord } from "./readRun.ts"

const MOST_RULES = 20

/** Loss and accuracy over the steps, as drawings and as a table. */
export const curves = ({ summary, test, train }: RunRecord): Html => {
  if (train.length === 0) return html`<section><h2>Training</h2><p>No step was taken.</p></section>`
  const passes = epochs(train), ends = passes.slice(0, -1).map(({ lastStep }) => lastStep)
  const rules = ends.length <= MOST_RULES ? ends : []
  const last = train.at(-1)!.step, steps = Math.max(last, summary.steps ?? 0)
  const loss = curve(train, "loss"), accuracy = curve(train, "accuracy")

  const losses = [...loss.bins.map(({ mean }) => mean), ...test.map(({ loss }) => loss)]
  const least = Math.min(...losses), most = Math.max(...losses), logarithmic = least > 0 && most > least
  const shares = [...accuracy.bins.map(({ low }) => low), ...test.map(({ accuracy }) => accuracy)]
  const lowest = Math.floor(10 * Math.min(...shares)) / 10
  const points = loss.stepsPerBin === 1
    ? "every step"
    : `the mean of ${loss.stepsPerBin} steps, and their extremes as a band`

  const describe = (measure: string, first: string, final: string, tested: ReadonlyArray<string>) =>
    `${measure} of the training batches from step ${count(train[0]!.step)}, ${first}, to step ${
      count(last)
    }, ${final}` +
    `${tested.length === 0 ? "" : `; on the test set ${tested.join(", ")}`}. ${points}.`
  const lossText = (value: number) => value.toFixed(4), accuracyText = (value: number) => percent(value)
  const first = { loss: loss.bins[0]!, accuracy: accuracy.bins[0]! }
  const final = { loss: loss.bins.at(-1)!, accuracy: accuracy.bins.at(-1)! }

  return html`<section>
<h2>Training</h2>
<p class="legend"><span><i class="key key-line"></i>training batches (${points})</span>
${test.length === 0 ? undefined : html`<span><i class="key key-mark"></i>test set</span>`}
${rules.length === 0 ? undefined : html`<span><i class="key key-rule"></i>end of an epoch</span>`}</p>
<div class="charts">
<figure>
<figcaption>Loss${logarithmic ? html` <small>logarithmic scale</small>` : undefined}</figcaption>
${
    chart({
      id: "loss",
      title: "Loss over the steps",
      description: describe(
        "Loss",
        lossText(first.loss.mean),
        lossText(final.loss.mean),
        test.map(({ loss }) => lossText(loss))
      ),
      steps,
      y: logarithmic ? logAxis(least / 1.15, most * 1.15) : linearAxis(0, Math.max(most, 1e-3)),
      format: (value) => String(value),
      bins: loss.bins,
      marks: test.map(({ loss, step }) => ({ step, value: loss, label: lossText(loss) })),
      rules
    })
  }
</figure>
<figure>
<figcaption>Accuracy</figcaption>
${
    chart({
      id: "accuracy",
      title: "Accuracy over the steps",
      description: describe(
        "Accuracy",
        accuracyText(first.accuracy.mean),
        accuracyText(final.accuracy.mean),
        test.map(({ accuracy }) => accuracyText(accuracy))
      ),
      steps,
      y: linearAxis(lowest < 1 ? lowest : 0.9, 1),
      format: (value) => percent(value, 0),
      bins: accuracy.bins,
      marks: test.map(({ accuracy, step }) => ({ step, value: accuracy, label: accuracyText(accuracy) })),
      rules
    })
  }
</figure>
</div>
<details${passes.length > 1 && passes.length <= MOST_RULES ? html` open="open"` : undefined}>
<summary>The epochs as a table</summary>
<div class="scroll" role="region" aria-label="Epochs" tabindex="0">
<table>
<caption>Means over the training examples of each epoch</caption>
<thead><tr><th scope="col">epoch</th><th scope="col">steps</th><th scope="col">loss</th><th scope="col">accuracy</th></tr></thead>
<tbody>
${
    passes.map(({ accuracy, epoch, firstStep, lastStep, loss }) =>
      html`<tr><th scope="row">${epoch}</th><td>${count(firstStep)} to ${count(lastStep)}</td><td>${
        ratio(loss)
      }</td><td>${percent(accuracy)}</td></tr>
`
    )
  }</tbody>
</table>
</div>
</details>
</section>`
}
