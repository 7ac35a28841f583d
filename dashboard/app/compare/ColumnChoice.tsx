import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { isUsual } from "./columns.ts"
import type { Column } from "./columns.ts"

const groups = [["run", "Of every run"], ["configuration", "Configuration"], ["metrics", "Metrics"]] as const

/** Whether a column was chosen, or is there without having been chosen. */
export const isChosen = (column: Column, chosen: { readonly [column: string]: boolean }): boolean =>
  chosen[column.id] ?? isUsual(column)

/** Which columns the table has. */
export const ColumnChoice = ({ columns }: { readonly columns: ReadonlyArray<Column> }) => {
  const chosen = useStore(settings, (value) => value.runsColumns)
  return (
    <details class="column-choice">
      <summary>Columns</summary>
      <div class="groups">
        {groups.map(([group, title]) => {
          const some = columns.filter((column) => column.group === group && column.id !== "name")
          return some.length === 0 ? null : (
            <fieldset key={group}>
              <legend>{title}</legend>
              {some.map((column) => (
                <label key={column.id}>
                  <input
                    type="checkbox"
                    checked={isChosen(column, chosen)}
                    onChange={({ currentTarget: { checked } }) =>
                      settings.set({ runsColumns: { ...chosen, [column.id]: checked } })}
                  />
                  {column.title}
                </label>
              ))}
            </fieldset>
          )
        })}
        <button
          type="button"
          disabled={Object.keys(chosen).length === 0}
          onClick={() => settings.set({ runsColumns: {} })}
        >
          The usual columns
        </button>
      </div>
    </details>
  )
}
