import { linearAxis } from "../axis.ts"
import { extent } from "../extent.ts"
import { frame, placesOf, PLOT } from "../frame.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import { count, number, percent, short, tick } from "../numbers.ts"

const BARS = 30, SHOWN = 0.99

/** How many examples have which loss, as bars; the few that are far out stand in the last one. */
export const losses = (values: Float32Array): Html | undefined => {
  const sorted = values.filter(Number.isFinite).sort()
  if (sorted.length < 2) return undefined
  const [low, high] = extent(sorted), top = sorted[Math.ceil(SHOWN * (sorted.length - 1))]!
  if (low === high) return undefined
  const to = top > low ? top : high, width = (to - low) / BARS, bars = Array.from({ length: BARS }, () => 0)
  for (const value of sorted) bars[Math.min(BARS - 1, Math.floor((value - low) / width))]!++
  const x = linearAxis(low, to), y = linearAxis(0, Math.max(...bars)), { left, top: at } = placesOf(x, y)
  const median = sorted[Math.floor(sorted.length / 2)]!
  const beyond = sorted.length - sorted.findLastIndex((value) => value <= to) - 1
  return html`<figure>
<figcaption>Losses of the examples</figcaption>
${
    frame({
      ...{ id: "losses", x, y, xTick: tick, yTick: count },
      title: "How many examples have which loss",
      description: `${count(sorted.length)} examples, losses from ${number(low)} to ${
        number(high)
      }, half of them at most ${number(median)}. ${
        beyond === 0 ? "" : `The last bar has the ${count(beyond)} above ${number(to)} too.`
      }`,
      xName: "loss",
      content: html`${
        bars.map((n, i) =>
          n === 0 ?
            undefined :
            html`<path class="bar" d="M${left(low + i * width)} ${PLOT.bottom}V${at(n)}H${
              left(low + (i + 1) * width)
            }V${PLOT.bottom}Z"/>`
        )
      }`
    })
  }
<p class="legend">Half of them at most ${short(median)}${
    beyond === 0
      ? ""
      : `; the last bar has the ${count(beyond)} (${percent(beyond / sorted.length, 1)}) above ${
        short(to)
      } too, up to ${short(high)}`
  }.</p>
</figure>
`
}
