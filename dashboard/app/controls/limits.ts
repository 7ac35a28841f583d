import type { Field } from "../../../src/experiment/index.ts"

type Limits = Pick<Field, "type" | "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum">

const shown = (value: number): string => value.toLocaleString("en-US", { maximumSignificantDigits: 21 })

/** What a number field takes, in words: `a whole number from 1 to 100`. */
export const wanted = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum, type }: Limits): string => {
  const what = type === "integer" ? "a whole number" : "a number"
  const from = minimum !== undefined
    ? ` from ${shown(minimum)}`
    : exclusiveMinimum !== undefined
    ? ` above ${shown(exclusiveMinimum)}`
    : ""
  const to = maximum !== undefined
    ? `${from === "" ? " up" : ""} to ${shown(maximum)}`
    : exclusiveMaximum !== undefined
    ? `${from === "" ? "" : " and"} below ${shown(exclusiveMaximum)}`
    : minimum !== undefined
    ? " on"
    : ""
  return `${what}${from}${to}${type === "number" && from === " above 0" && to === "" ? ", such as 0.001" : ""}`
}

const isNothing = (value: unknown): boolean => value === undefined || value === ""

/** What is wrong with a value of a field, in a sentence. */
export const problemOf = (field: Field, value: unknown): string | undefined => {
  const { choices, isRequired, type } = field
  if (isNothing(value)) return isRequired ? "This has to be given." : undefined
  if (choices !== undefined) {
    return choices.includes(value as string) ? undefined : `This has to be one of ${choices.join(", ")}.`
  }
  if (type === "integer" || type === "number") {
    return typeof value === "number" && accepts(field, value) ? undefined : `This has to be ${wanted(field)}.`
  }
  return type === "json" || typeof value === type ? undefined : `This has to be a ${type}.`
}

/** Whether a number field takes a number. */
export const accepts = (
  { exclusiveMaximum = Infinity, exclusiveMinimum = -Infinity, maximum = Infinity, minimum = -Infinity, type }: Limits,
  value: number
): boolean =>
  Number.isFinite(value) && (type !== "integer" || Number.isSafeInteger(value)) &&
  value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum
