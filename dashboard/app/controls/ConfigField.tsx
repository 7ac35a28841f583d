import type { Field } from "../../../src/experiment/index.ts"
import { capital } from "../../../src/experiment/report/numbers.ts"
import { words } from "../charts/palette.ts"
import { Check, Choose, TextField } from "./Fields.tsx"
import { NumberField } from "./NumberField.tsx"

/** `batchSize` as "Batch size". */
export const labelOf = (name: string): string => capital(words(name))

const json = (isRequired: boolean) => (text: string) => {
  if (text.trim() === "" && !isRequired) return { value: undefined }
  try {
    return { value: JSON.parse(text) as object }
  } catch {
    return { problem: "This has to be JSON, such as [1, 2] or \"a text\"." }
  }
}

const NOTHING = "–"

/** A field of a configuration, as what it is. */
export const ConfigField = ({ disabled, field, onChange, value }: {
  readonly field: Field
  readonly value: unknown
  /** Choices that cannot be had. */
  readonly disabled: ReadonlyArray<string>
  /** `undefined` leaves the field out. */
  readonly onChange: (value: unknown) => void
}) => {
  const { choices, description: hint, isRequired, name, type } = field, label = labelOf(name)
  const isOptional = !isRequired && field.default === undefined
  if (choices !== undefined) {
    const options = [...isOptional || value === undefined ? [NOTHING] : [], ...choices.map(String)]
    return (
      <Choose
        label={label}
        hint={hint}
        options={options}
        disabled={disabled}
        value={value === undefined ? NOTHING : String(value)}
        onChange={(chosen) => onChange(choices.find((choice) => String(choice) === chosen))}
      />
    )
  }
  switch (type) {
    case "boolean":
      return <Check label={label} hint={hint} value={value === true} onChange={onChange} />
    case "integer":
    case "number":
      return (
        <NumberField
          label={label}
          hint={hint}
          limits={field}
          isOptional={isOptional}
          value={typeof value === "number" ? value : undefined}
          onChange={onChange}
        />
      )
    case "string":
      return (
        <TextField
          label={label}
          hint={hint}
          text={typeof value === "string" ? value : ""}
          read={(text) => ({ value: text === "" && isOptional ? undefined : text })}
          onChange={onChange}
        />
      )
    case "json":
      return (
        <TextField
          label={label}
          hint={hint}
          text={value === undefined ? "" : JSON.stringify(value)}
          read={json(isRequired)}
          onChange={onChange}
        />
      )
  }
}
