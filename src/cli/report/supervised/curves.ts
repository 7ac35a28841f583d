import { linearAxis, ratioAxis } from "../axis.ts"
import { charts } from "../charts.ts"
import { curve, pointsOf } from "../curve.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count, percent, ratio } from "../numbers.ts"
import { details, table } from "../table.ts"
import { epochs } from "./epochs.ts"
import type { SupervisedRecord } from "./record.ts"

const MOST_RULES = 20

/** Loss and accuracy over the steps, as drawings and as a table. */
export const curves = ({ run, test, train }: SupervisedRecord): Html => {
  if (train.length === 0) return html`<section><h2>Training</h2><p>No step was taken.</p></section>`
  const passes = epochs(train), ends = passes.slice(0, -1).map(({ lastStep }) => lastStep)
  const rules = ends.length <= MOST_RULES ? ends : [], points = pointsOf(train.length)
  const loss = curve(train, ({ loss }) => loss), accuracy = curve(train, ({ accuracy }) => accuracy)
  const shares = [...accuracy.map(({ low }) => low), ...test.map(({ accuracy }) => accuracy)]
  const lowest = Math.floor(10 * Math.min(...shares)) / 10
  const marks = (measure: "loss" | "accuracy") => ({
    of: "on the test set",
    values: test.map((line) => ({ step: line.step, value: line[measure] }))
  })
  return html`<section>
<h2>Training</h2>
<p class="legend"><span><i class="key key-line"></i>training batches (${points})</span>
${test.length === 0 ? undefined : html`<span><i class="key key-mark"></i>test set</span>`}
${rules.length === 0 ? undefined : html`<span><i class="key key-rule"></i>end of an epoch</span>`}</p>
${
    charts([{
      ...{ id: "loss", title: "Loss", subject: "Loss of the training batches", points },
      y: ratioAxis([...loss.map(({ mean }) => mean), ...test.map(({ loss }) => loss)]),
      text: (value) => value.toFixed(4),
      series: [{ bins: loss }],
      marks: marks("loss")
    }, {
      ...{ id: "accuracy", title: "Accuracy", subject: "Accuracy of the training batches", points },
      y: linearAxis(lowest < 1 ? lowest : 0.9, 1),
      tick: (value) => percent(value, 0),
      text: (value) => percent(value),
      series: [{ bins: accuracy }],
      marks: marks("accuracy")
    }], { last: Math.max(train.at(-1)!.step, run.steps ?? 0), rules })
  }
${
    details(
      "The epochs as a table",
      table({
        label: "Epochs",
        caption: "Means over the training examples of each epoch",
        columns: [
          ["epoch", ({ epoch }) => epoch],
          ["steps", ({ firstStep, lastStep }) => `${count(firstStep)} to ${count(lastStep)}`],
          ["loss", ({ loss }) => ratio(loss)],
          ["accuracy", ({ accuracy }) => percent(accuracy)]
        ],
        rows: passes
      }),
      passes.length > 1 && passes.length <= MOST_RULES
    )
  }
</section>`
}
