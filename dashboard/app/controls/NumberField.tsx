import type { ComponentChildren } from "preact"
import { useEffect, useId, useRef, useState } from "preact/hooks"

const shown = (value: number): string => value.toLocaleString("en-US", { maximumSignificantDigits: 21 })

/** What a number field takes, in words. */
const wanted = (min: number, max: number | undefined, step: number | "any"): string => {
  const what = step === "any" ? "a number" : "a whole number"
  if (max !== undefined) return `${what} from ${shown(min)} to ${shown(max)}`
  return step === "any" ? `${what} above ${shown(min)}, such as 0.001` : `${what} from ${shown(min)} on`
}

/**
 * A label with a number below it. What is no valid number is not handed on: below the field it is said what would be.
 * With `step` `"any"` and no `max` the number has to be above `min`, not at it.
 */
export const NumberField = ({ children, label, max, min, onChange, step, value }: {
  readonly label: string
  readonly value: number
  readonly onChange: (value: number) => void
  readonly min: number
  readonly max?: number
  readonly step: number | "any"
  readonly children?: ComponentChildren
}) => {
  const id = useId(), input = useRef<HTMLInputElement>(null), [problem, setProblem] = useState("")
  // What was written and is no such number stays, to be mended.
  const [text, setText] = useState<string>()
  /** The number in the field, if it is one that is wanted; else the field says what is. */
  const read = (): number | undefined => {
    const field = input.current!
    field.setCustomValidity("")
    const number = field.valueAsNumber
    const isValid = field.validity.valid && Number.isFinite(number) &&
      (step !== "any" || max !== undefined || number > min)
    if (!isValid) field.setCustomValidity(`This has to be ${wanted(min, max, step)}.`)
    return isValid ? number : undefined
  }
  useEffect(() => {
    setText(undefined)
  }, [value])
  useEffect(() => {
    if (read() !== undefined) setProblem("")
  })
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        type="number"
        value={text ?? value}
        min={min}
        max={max}
        step={step}
        required
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? undefined : `${id} problem`}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onInvalid={({ currentTarget }) => setProblem(currentTarget.validationMessage)}
        onChange={({ currentTarget }) => {
          const number = read()
          setProblem(currentTarget.validationMessage)
          if (number === undefined) return
          setText(undefined)
          onChange(number)
        }}
      />
      {problem === "" ? null : <p class="problem" id={`${id} problem`}>{problem}</p>}
      {children}
    </div>
  )
}
