import { useEffect, useRef } from "preact/hooks"
import type { Row } from "./rows.ts"

type Description = Pick<Row, "name" | "note">

/** A form for the name of a run and a note. */
const Editor = ({ onDone, row: { name, note } }: {
  readonly row: Row
  readonly onDone: (change: Description | undefined) => void
}) => {
  const first = useRef<HTMLInputElement>(null), second = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.select(), [])
  return (
    <form
      class="describe"
      aria-label={`Name and note of ${name}`}
      onSubmit={(event) => {
        event.preventDefault()
        onDone({ name: first.current!.value.trim() || name, note: second.current!.value.trim() })
      }}
      onKeyDown={(event) => event.key === "Escape" && onDone(undefined)}
    >
      <label>
        name
        <input ref={first} defaultValue={name} maxLength={100} required />
      </label>
      <label>
        note
        <input ref={second} defaultValue={note} maxLength={500} />
      </label>
      <div class="actions">
        <button type="submit">Save</button>
        <button type="button" onClick={() => onDone(undefined)}>Cancel</button>
      </div>
    </form>
  )
}

/** The color, name and note of a run, or a form for them. A run folder that is in no chart has no color. */
export const RunName = ({ isEdited, onDone, row }: {
  readonly row: Row
  readonly isEdited: boolean
  readonly onDone: (change: Description | undefined) => void
}) =>
  isEdited ? <Editor row={row} onDone={onDone} /> : (
    <div class="described">
      <span class={`swatch ${row.color === undefined ? "none" : `run-${row.color}`}`} aria-hidden="true" />
      <div>
        {row.name}
        {row.note === "" ? null : <p class="muted">{row.note}</p>}
      </div>
    </div>
  )
