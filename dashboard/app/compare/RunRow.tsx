import { useState } from "preact/hooks"
import { describeRun } from "../state/commands.ts"
import { updateRun } from "../state/runs.ts"
import { FolderActions, PageActions } from "./Actions.tsx"
import type { Column } from "./columns.ts"
import { hideFolder, showFolder } from "./followFolder.ts"
import type { Row } from "./rows.ts"
import { RunName } from "./RunName.tsx"

const show = ({ folder, id }: Row, isShown: boolean): void => {
  if (folder === undefined) updateRun(id, { visible: isShown })
  else if (isShown) showFolder(folder.name)
  else hideFolder(folder.name)
}

/** A cell of a column; why a run has come to its state stands with that. */
const Cell = ({ column: { id, text, title, valueOf }, isCurrent, row }: {
  readonly column: Column
  readonly row: Row
  readonly isCurrent: boolean
}) => {
  const value = valueOf(row), said = text(value)
  return (
    <td data-what={title} class={typeof value === "number" ? "number" : ""}>
      {id === "state" && isCurrent ? <strong>{said}</strong> : said}
      {id === "state" && row.reason !== undefined ? <p class="muted reason">{row.reason}</p> : null}
    </td>
  )
}

export const RunRow = ({ columns, isCurrent, isMarked, isShown, mark, row }: {
  readonly row: Row
  /** Those behind its name. */
  readonly columns: ReadonlyArray<Column>
  readonly isCurrent: boolean
  readonly isMarked: boolean
  /** Whether it is in the charts. */
  readonly isShown: boolean
  readonly mark: (isMarked: boolean) => void
}) => {
  const [isEdited, setEdited] = useState(false)
  return (
    <tr class={isMarked ? "marked" : ""}>
      <td class="in-charts">
        <input
          type="checkbox"
          aria-label={`${row.folder?.name ?? row.name} in the charts`}
          checked={isShown}
          onChange={(event) => show(row, event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <RunName
          row={row}
          isEdited={isEdited}
          onDone={(change) => {
            setEdited(false)
            if (change !== undefined) void describeRun(row.id, change)
          }}
        />
      </th>
      {columns.map((column) => <Cell key={column.id} column={column} row={row} isCurrent={isCurrent} />)}
      <td class="what-can-be-done">
        {row.folder !== undefined ? <FolderActions row={row} /> : (
          <PageActions
            row={row}
            isCurrent={isCurrent}
            isMarked={isMarked}
            isEdited={isEdited}
            mark={mark}
            onEdit={() => setEdited(true)}
          />
        )}
      </td>
    </tr>
  )
}
