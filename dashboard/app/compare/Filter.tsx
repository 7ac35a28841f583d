import { useState } from "preact/hooks"
import type { Column } from "./columns.ts"
import { relations } from "./filter.ts"
import type { Condition, Relation } from "./filter.ts"

const isRelation = (text: string): text is Relation => relations.some((relation) => relation === text)

/** A condition that is being made. */
const NewCondition = ({ columns, onAdd }: {
  readonly columns: ReadonlyArray<Column>
  readonly onAdd: (condition: Condition) => void
}) => {
  const [column, setColumn] = useState("state"), [relation, setRelation] = useState<Relation>("=")
  const [value, setValue] = useState("")
  return (
    <form
      class="condition"
      aria-label="Condition"
      onSubmit={(event) => {
        event.preventDefault()
        if (value.trim() === "") return
        onAdd({ column, relation, value: value.trim() })
        setValue("")
      }}
    >
      <select aria-label="column" value={column} onChange={(event) => setColumn(event.currentTarget.value)}>
        {columns.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
      </select>
      <select
        aria-label="relation"
        value={relation}
        onChange={({ currentTarget: { value } }) => isRelation(value) && setRelation(value)}
      >
        {relations.map((relation) => <option key={relation}>{relation}</option>)}
      </select>
      <input aria-label="value" value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      <button type="submit">Add condition</button>
    </form>
  )
}

/** Which runs are shown: those that have all words, and for which all conditions hold. */
export const Filter = ({ columns, conditions, onConditions, onWords, words }: {
  readonly columns: ReadonlyArray<Column>
  readonly words: string
  readonly conditions: ReadonlyArray<Condition>
  readonly onWords: (words: string) => void
  readonly onConditions: (conditions: ReadonlyArray<Condition>) => void
}) => (
  <>
    <input
      type="search"
      class="words"
      aria-label="Find runs"
      placeholder="Find runs by words"
      value={words}
      onInput={(event) => onWords(event.currentTarget.value)}
    />
    <NewCondition columns={columns} onAdd={(condition) => onConditions([...conditions, condition])} />
    {conditions.length === 0 ? null : (
      <ul class="conditions" aria-label="Conditions">
        {conditions.map(({ column, relation, value }, i) => {
          const text = `${columns.find(({ id }) => id === column)?.title ?? column} ${relation} ${value}`
          return (
            <li key={`${i} ${text}`}>
              {text}
              <button
                type="button"
                aria-label={`Remove ${text}`}
                onClick={() => onConditions(conditions.filter((_, j) => j !== i))}
              >
                ×
              </button>
            </li>
          )
        })}
      </ul>
    )}
  </>
)
