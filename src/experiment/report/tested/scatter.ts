import { roomyAxis } from "../axis.ts"
import { frame, placesOf } from "../frame.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count, ratio, short, tick } from "../numbers.ts"
import { spread } from "../spread.ts"

const MOST_DOTS = 1000

/** Pairs of one number each: the true one, and what was predicted. */
export interface Answers {
  readonly targets: Float32Array
  readonly predictions: Float32Array
}

/** How near predictions are: of the variance the share that they explain, and their mean distances. */
export const scoresOf = ({ predictions, targets }: Answers) => {
  const n = targets.length, mean = targets.reduce((sum, value) => sum + value, 0) / n
  let squared = 0, absolute = 0, variance = 0
  targets.forEach((target, i) => {
    squared += (predictions[i]! - target) ** 2
    absolute += Math.abs(predictions[i]! - target)
    variance += (target - mean) ** 2
  })
  return { r2: 1 - squared / variance, rmse: Math.sqrt(squared / n), mae: absolute / n }
}

/** What was predicted against what is true, a dot for each example; on the line both are the same. */
export const scatter = (answers: Answers, name: string): Html | undefined => {
  const { predictions, targets } = answers
  const known = Array.from(targets, (_, i) => i).filter((i) =>
    Number.isFinite(targets[i]!) && Number.isFinite(predictions[i]!)
  )
  if (known.length === 0) return undefined
  const { mae, r2, rmse } = scoresOf({
    targets: Float32Array.from(known, (i) => targets[i]!),
    predictions: Float32Array.from(known, (i) => predictions[i]!)
  })
  const shown = spread(known, MOST_DOTS)
  const axis = roomyAxis(shown.flatMap((i) => [targets[i]!, predictions[i]!])), { left, top } = placesOf(axis, axis)
  const dots = shown.map((i) => `M${left(targets[i]!)} ${top(predictions[i]!)}h0`).join("")
  const scores = `R² ${ratio(r2)}, root mean squared error ${short(rmse)}, mean absolute error ${short(mae)}`
  return html`<figure>
<figcaption>Predicted ${name} by the true one</figcaption>
${
    frame({
      ...{ id: "predictions", x: axis, y: axis, xTick: tick, yTick: tick },
      title: `Predicted ${name} by the true one`,
      description: `${count(known.length)} examples: ${scores}.`,
      xName: `true ${name}`,
      content: html`<path class="rule" d="M${left(axis.low)} ${top(axis.low)}L${left(axis.high)} ${top(axis.high)}"/>
<path class="points" d="${dots}"/>`
    })
  }
<p class="legend">${scores}. On the dotted line predictions are right.${
    shown.length === known.length ? "" : ` ${count(shown.length)} of ${count(known.length)} examples are shown.`
  }</p>
</figure>
`
}
