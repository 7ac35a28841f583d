import type { NdArray } from "effect-neuron"
import { usePolled } from "../inspect/usePolled.ts"
import { probabilitiesOf } from "../show/values.ts"
import { ask } from "../state/session.ts"
import { seen, useTextNow } from "./textNow.ts"

// As many as the model is asked with, and as many as are shown of what could come.
const CONTEXT = 64, MOST = 8

/** What the model thinks comes next, as it is now. */
export const NextTokens = () => {
  const now = useTextNow(CONTEXT), key = `next ${now?.key ?? ""}`
  const scores = usePolled(() => now && ask((client) => client.predict(now.x)), 300, key) as NdArray.NdArray | undefined
  return (
    <div class="card next">
      <h3>What comes next</h3>
      {now === undefined || scores === undefined || scores.shape[2] !== now.tokenizer.size
        ? <p class="muted">Waiting for a text that the model can read…</p>
        : <Table scores={scores} tokenizer={now.tokenizer} />}
    </div>
  )
}

const Table = ({ scores: { data, shape }, tokenizer }: {
  readonly scores: NdArray.NdArray
  readonly tokenizer: NonNullable<ReturnType<typeof useTextNow>>["tokenizer"]
}) => {
  const size = shape[2]!, last = { data: data.slice(-size), shape: [size] } as NdArray.NdArray
  const all = probabilitiesOf(last, size).map((probability, token) => ({ probability, token }))
  const best = all.toSorted((a, b) => b.probability - a.probability).slice(0, MOST)
  return (
    <table class="bars">
      <caption class="hidden">The likeliest tokens</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">token</th>
          <td />
          <th scope="col">probability</th>
        </tr>
      </thead>
      <tbody>
        {best.map(({ probability, token }, i) => (
          <tr key={token} class={i === 0 ? "best" : ""}>
            <th scope="row">
              <code>{seen(tokenizer, token)}</code>
            </th>
            <td class="bar">
              <span style={{ width: `${100 * probability}%` }} />
            </td>
            <td>{(100 * probability).toFixed(1)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
