import { useEffect, useId, useRef, useState } from "preact/hooks"
import type { Field } from "../../../src/experiment/index.ts"
import { accepts, wanted } from "../../../src/experiment/limits.ts"
import { Hint } from "./Fields.tsx"

/**
 * A label with a number below it. What is no number that the field takes is not handed on: below it is said what would
 * be. A field that may be left out takes nothing too.
 */
export const NumberField = ({ hint, isOptional = false, label, limits, onChange, value }: {
  readonly label: string
  readonly hint?: string | undefined
  readonly limits: Pick<Field, "type" | "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum">
  readonly isOptional?: boolean
  readonly value: number | undefined
  readonly onChange: (value: number | undefined) => void
}) => {
  const id = useId(), input = useRef<HTMLInputElement>(null), [problem, setProblem] = useState("")
  // What was written and is no such number stays, to be mended.
  const [text, setText] = useState<string>()
  /** Whether what is in the field is wanted; else the field says what is. */
  const isValid = (): boolean => {
    const field = input.current
    // A field that has gone in the meantime.
    if (field === null) return true
    field.setCustomValidity("")
    const isNothing = field.value.trim() === "" && !field.validity.badInput
    const valid = isNothing ? isOptional : accepts(limits, field.valueAsNumber)
    if (!valid) field.setCustomValidity(`This has to be ${wanted(limits)}${isOptional ? ", or nothing" : ""}.`)
    return valid
  }
  useEffect(() => {
    setText(undefined)
  }, [value])
  useEffect(() => {
    if (isValid()) setProblem("")
  })
  const described = [hint === undefined ? "" : `${id} hint`, problem === "" ? "" : `${id} problem`]
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Hint id={`${id} hint`}>{hint}</Hint>
      <input
        ref={input}
        id={id}
        type="number"
        value={text ?? value ?? ""}
        step={limits.type === "integer" ? 1 : "any"}
        aria-invalid={problem !== ""}
        aria-describedby={described.filter(Boolean).join(" ") || undefined}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onInvalid={({ currentTarget }) => setProblem(currentTarget.validationMessage)}
        onChange={({ currentTarget }) => {
          const valid = isValid()
          setProblem(currentTarget.validationMessage)
          if (!valid) return
          setText(undefined)
          onChange(currentTarget.value.trim() === "" ? undefined : currentTarget.valueAsNumber)
        }}
      />
      {problem === "" ? null : <p class="problem" id={`${id} problem`}>{problem}</p>}
    </div>
  )
}
