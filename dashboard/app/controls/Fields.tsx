import type { ComponentChildren } from "preact"

/** A label with a choice of names below it. */
export const Choose = <A extends string>({ disabled = [], label, onChange, options, value }: {
  readonly label: string
  readonly options: ReadonlyArray<A>
  readonly value: A
  readonly onChange: (value: A) => void
  /** What stands in the list and cannot be had. */
  readonly disabled?: ReadonlyArray<A>
}) => (
  <label class="field">
    {label}
    <select value={value} onChange={(event) => onChange(event.currentTarget.value as A)}>
      {options.map((option) => (
        <option key={option} value={option} disabled={disabled.includes(option)}>
          {option}
          {disabled.includes(option) ? " (not on this machine)" : ""}
        </option>
      ))}
    </select>
  </label>
)

/** A label with a number below it; what is no valid number is not handed on. */
export const NumberField = ({ children, label, max, min, onChange, step, value }: {
  readonly label: string
  readonly value: number
  readonly onChange: (value: number) => void
  readonly min: number
  readonly max?: number
  readonly step: number | "any"
  readonly children?: ComponentChildren
}) => (
  <label class="field">
    {label}
    <input
      type="number"
      value={value}
      min={min}
      max={max}
      step={step}
      required
      onChange={(event) => {
        if (event.currentTarget.reportValidity()) onChange(event.currentTarget.valueAsNumber)
      }}
    />
    {children}
  </label>
)
