import type { ComponentChildren } from "preact"
import { useEffect, useId, useState } from "preact/hooks"

/** What a field is, below its name. */
export const Hint = ({ children, id }: { readonly id: string; readonly children: ComponentChildren }) =>
  children === undefined ? null : <small class="field-hint" id={id}>{children}</small>

/** A label with a choice of names below it. */
export const Choose = <A extends string>({ disabled = [], hint, label, onChange, options, value }: {
  readonly label: string
  readonly hint?: string | undefined
  readonly options: ReadonlyArray<A>
  readonly value: A
  readonly onChange: (value: A) => void
  /** What stands in the list and cannot be had. */
  readonly disabled?: ReadonlyArray<A>
}) => {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Hint id={`${id} hint`}>{hint}</Hint>
      <select
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id} hint`}
        onChange={(event) => onChange(event.currentTarget.value as A)}
      >
        {options.map((option) => (
          <option key={option} value={option} disabled={disabled.includes(option)}>
            {option}
            {disabled.includes(option) ? " (not on this machine)" : ""}
          </option>
        ))}
      </select>
    </div>
  )
}

/** A box to tick, with its label beside it. */
export const Check = ({ hint, label, onChange, value }: {
  readonly label: string
  readonly hint?: string | undefined
  readonly value: boolean
  readonly onChange: (value: boolean) => void
}) => {
  const id = useId()
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          aria-describedby={hint === undefined ? undefined : `${id} hint`}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        {label}
      </label>
      <Hint id={`${id} hint`}>{hint}</Hint>
    </div>
  )
}

/** A label with a text below it, of which `read` makes a value, or says in a sentence why it does not. */
export const TextField = <A extends string | number | object | undefined>(
  { hint, label, onChange, read, text: given }: {
    readonly label: string
    readonly hint?: string | undefined
    readonly text: string
    readonly read: (text: string) => { readonly value: A } | { readonly problem: string }
    readonly onChange: (value: A) => void
  }
) => {
  const id = useId(), [text, setText] = useState<string>(), [problem, setProblem] = useState("")
  useEffect(() => {
    setText(undefined)
    setProblem("")
  }, [given])
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Hint id={`${id} hint`}>{hint}</Hint>
      <input
        id={id}
        type="text"
        value={text ?? given}
        aria-invalid={problem !== ""}
        aria-describedby={problem !== "" ? `${id} problem` : hint === undefined ? undefined : `${id} hint`}
        onInput={({ currentTarget }) => {
          currentTarget.setCustomValidity("")
          setText(currentTarget.value)
        }}
        onChange={({ currentTarget }) => {
          const found = read(currentTarget.value), problem = "problem" in found ? found.problem : ""
          currentTarget.setCustomValidity(problem)
          setProblem(problem)
          if ("value" in found) onChange(found.value)
        }}
      />
      {problem === "" ? null : <p class="problem" id={`${id} problem`}>{problem}</p>}
    </div>
  )
}
