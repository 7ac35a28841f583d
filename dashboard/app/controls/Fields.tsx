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
