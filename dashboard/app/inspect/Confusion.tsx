import type { NdArray } from "effect-neuron"
import { Scroll } from "../Scroll.tsx"
import { classes } from "../training/definition.ts"

/** How often each class was taken for each, as a table: the darker a cell, the larger its part of the row. */
export const Confusion = ({ counts: { data } }: { readonly counts: NdArray.NdArray }) => {
  const n = classes.length
  const rows = classes.map((_, i) => Array.from(data.subarray(i * n, (i + 1) * n)))
  return (
    <Scroll label="Confusion matrix">
      <table class="confusion">
        <caption>Rows: the true class; columns: what the network says</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">true class</span>
            </th>
            {classes.map((name) => <th key={name} scope="col">{name}</th>)}
            <th scope="col">right</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => {
            const all = row.reduce((a, b) => a + b, 0)
            return (
              <tr key={classes[i]}>
                <th scope="row">{classes[i]}</th>
                {row.map((count, j) => (
                  <td
                    key={classes[j]}
                    class={i === j ? "right" : "wrong"}
                    style={{ "--part": count === 0 ? 0 : Math.sqrt(count / all) }}
                  >
                    {count === 0 ? <span class="zero">0</span> : count}
                  </td>
                ))}
                <td class="muted">{all === 0 ? "–" : `${Math.round(100 * row[i]! / all)} %`}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}
