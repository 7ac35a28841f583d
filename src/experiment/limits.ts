import type { Field } from "./fields.ts"

/** Of which kind a number is, and its bounds. */
export type Limits = Pick<Field, "type" | "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum">

const shown = (value: number): string =>
  Math.abs(value) < 1e21 ? value.toLocaleString("en-US", { maximumSignificantDigits: 21 }) : value.toExponential()

/** What a number field takes, in words: `a whole number from 1 to 100`. */
export const wanted = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum, type }: Limits): string => {
  const what = type === "integer" ? "a whole number" : "a number"
  const from = minimum !== undefined
    ? ` from ${shown(minimum)}`
    : exclusiveMinimum !== undefined
    ? ` above ${shown(exclusiveMinimum)}`
    : ""
  const to = maximum !== undefined
    ? `${minimum !== undefined ? "" : from === "" ? " up" : " and up"} to ${shown(maximum)}`
    : exclusiveMaximum !== undefined
    ? `${from === "" ? "" : " and"} below ${shown(exclusiveMaximum)}`
    : minimum !== undefined
    ? " on"
    : ""
  return `${what}${from}${to}${type === "number" && from === " above 0" && to === "" ? ", such as 0.001" : ""}`
}

/** Whether a number field takes a number. */
export const accepts = (
  { exclusiveMaximum = Infinity, exclusiveMinimum = -Infinity, maximum = Infinity, minimum = -Infinity, type }: Limits,
  value: number
): boolean =>
  Number.isFinite(value) && (type !== "integer" || Number.isSafeInteger(value)) &&
  value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum
