import { Scroll } from "../Scroll.tsx"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import type { Column } from "./columns.ts"
import type { Row } from "./rows.ts"
import { RunRow } from "./RunRow.tsx"

const sortBy = (by: string): void => {
  const { runsBy, runsDescending } = settings.get()
  settings.set({ runsBy: by, runsDescending: by === runsBy ? !runsDescending : by !== "name" })
}

/** A head by which the table is sorted, in the other direction when it is already. */
const Head = ({ column: { id, title } }: { readonly column: Column }) => {
  const by = useStore(settings, (value) => value.runsBy), isDown = useStore(settings, (value) => value.runsDescending)
  const isSorted = by === id
  return (
    <th scope="col" aria-sort={isSorted ? isDown ? "descending" : "ascending" : "none"}>
      <button type="button" onClick={() => sortBy(id)}>
        {title}
        <span class="arrow" aria-hidden="true">{isSorted ? isDown ? "▼" : "▲" : "↕"}</span>
      </button>
    </th>
  )
}

/** The runs, one a row. */
export const RunsTable = ({ columns, current, mark, marked, rows, shown }: {
  readonly rows: ReadonlyArray<Row>
  /** Those that are shown, the name first. */
  readonly columns: ReadonlyArray<Column>
  /** The run that this tab has. */
  readonly current: string | undefined
  readonly marked: ReadonlyArray<string>
  /** Those in the charts. */
  readonly shown: ReadonlySet<string>
  readonly mark: (id: string, isMarked: boolean) => void
}) => (
  <Scroll label="Runs">
    <table class="runs">
      <thead>
        <tr>
          <th scope="col">
            <span class="hidden">in the charts</span>
          </th>
          {columns.map((column) => <Head key={column.id} column={column} />)}
          <th scope="col">
            <span class="hidden">what can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <RunRow
            key={row.id}
            row={row}
            columns={columns.slice(1)}
            isCurrent={row.id === current}
            isMarked={marked.includes(row.id)}
            isShown={shown.has(row.id)}
            mark={(isMarked) => mark(row.id, isMarked)}
          />
        ))}
      </tbody>
    </table>
  </Scroll>
)

/** By what the table is sorted: for a phone, on which it has no heads. */
export const SortChoice = ({ columns }: { readonly columns: ReadonlyArray<Column> }) => {
  const by = useStore(settings, (value) => value.runsBy), isDown = useStore(settings, (value) => value.runsDescending)
  return (
    <span class="sort-choice">
      <label>
        sort by
        <select value={by} onChange={(event) => settings.set({ runsBy: event.currentTarget.value })}>
          {columns.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
        </select>
      </label>
      <button
        type="button"
        aria-label={isDown ? "Sorted downward" : "Sorted upward"}
        onClick={() => settings.set({ runsDescending: !isDown })}
      >
        {isDown ? "▼" : "▲"}
      </button>
    </span>
  )
}
