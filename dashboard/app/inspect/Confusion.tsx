import { Scroll } from "../Scroll.tsx"
import { precisionAndRecall } from "./examined.ts"
import type { Cell } from "./examined.ts"

const percent = (share: number): string => Number.isNaN(share) ? "–" : String(Math.round(100 * share))

/**
 * How often each class was taken for each, as a table whose cells open their examples: the darker a cell, the larger its
 * part of the row.
 */
export const Confusion = ({ cell, classes, counts, onCell }: {
  readonly classes: ReadonlyArray<string>
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
  /** The cell whose examples are open. */
  readonly cell: Cell | undefined
  readonly onCell: (cell: Cell | undefined) => void
}) => (
  <Scroll label="Confusion matrix">
    <table class="confusion">
      <caption>Rows: the true class; columns: what the network says. A cell opens its examples.</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="hidden">true class</span>
          </th>
          {classes.map((name) => <th key={name} scope="col">{name}</th>)}
          <th scope="col" title="Of those that are of the class, the share that is found">recall, %</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((row, truth) => {
          const all = row.reduce((a, b) => a + b, 0)
          return (
            <tr key={classes[truth]}>
              <th scope="row">{classes[truth]}</th>
              {row.map((count, said) => {
                const isOpen = cell?.truth === truth && cell.said === said
                return (
                  <td
                    key={classes[said]}
                    class={truth === said ? "right" : "wrong"}
                    style={{ "--part": count === 0 ? 0 : Math.sqrt(count / all) }}
                  >
                    {count === 0 ? <span class="zero">0</span> : (
                      <button
                        type="button"
                        aria-pressed={isOpen}
                        aria-label={`${count}: ${classes[truth]} taken for ${classes[said]}`}
                        onClick={() => onCell(isOpen ? undefined : { truth, said })}
                      >
                        {count}
                      </button>
                    )}
                  </td>
                )
              })}
              <td class="muted">{percent(precisionAndRecall(counts, truth).recall)}</td>
            </tr>
          )
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" title="Of those that are said to be of the class, the share that is">precision, %</th>
          {classes.map((name, i) => <td key={name} class="muted">{percent(precisionAndRecall(counts, i).precision)}
          </td>)}
          <td />
        </tr>
      </tfoot>
    </table>
  </Scroll>
)
