import { Option } from "effect"
import { Flag } from "effect/cli"
import type { Field } from "../experiment/index.ts"

/** `batchSize` as a flag is written: `batch-size`. */
export const flagName = (name: string): string =>
  name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()

const aliases: { readonly [name: string]: string } = { epochs: "e", batchSize: "b", learningRate: "l", steps: "n" }

/** What a number has to be, in words. */
const limitsOf = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum, type }: Field): string => {
  const parts = [
    minimum === undefined ? "" : `from ${minimum}`,
    exclusiveMinimum === undefined ? "" : `above ${exclusiveMinimum}`,
    maximum === undefined ? "" : `to ${maximum}`,
    exclusiveMaximum === undefined ? "" : `below ${exclusiveMaximum}`
  ]
  return [type === "integer" ? "an integer" : "a number", ...parts.filter((part) => part !== "")].join(" ")
}

const fits = ({ exclusiveMaximum, exclusiveMinimum, maximum, minimum }: Field, value: number): boolean =>
  Number.isFinite(value) && Math.abs(value) <= Number.MAX_VALUE &&
  (minimum === undefined || value >= minimum) && (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
  (maximum === undefined || value <= maximum) && (exclusiveMaximum === undefined || value < exclusiveMaximum)

const json = (text: string): Option.Option<unknown> => {
  try {
    return Option.some(JSON.parse(text))
  } catch {
    return Option.none()
  }
}

const plain = (field: Field): Flag.Flag<unknown> => {
  const name = flagName(field.name), { choices, type } = field
  if (choices !== undefined) {
    return Flag.map(Flag.Literals(name, choices.map(String)), (chosen) => choices.find((c) => String(c) === chosen))
  }
  switch (type) {
    case "integer":
      return Flag.Int(name).pipe(
        Flag.filter((n) => Number.isSafeInteger(n) && fits(field, n), () => limitsOf(field))
      )
    case "number":
      return Flag.Finite(name).pipe(Flag.filter((n) => fits(field, n), () => limitsOf(field)))
    case "boolean":
      return Flag.Boolean(name)
    case "string":
      return Flag.String(name)
    case "json":
      return Flag.filterMap(Flag.String(name), json, () => "JSON")
  }
}

/** The flag of a field of a configuration, with its description and its default; absent where it is not given. */
export const flagOf = (field: Field): Flag.Flag<Option.Option<unknown>> => {
  const alias = aliases[field.name], { default: value, description = "", isRequired } = field
  const given = value === undefined
    ? isRequired ? "has to be given" : undefined
    : `default: ${typeof value === "object" ? JSON.stringify(value) : value}`
  const text = [description, given === undefined ? "" : `(${given})`].filter((part) => part !== "").join(" ")
  return plain(field).pipe(
    (flag) => alias === undefined ? flag : Flag.withAlias(flag, alias),
    Flag.withDescription(text),
    Flag.optional
  )
}

/** The flags of all fields, by their names. */
export const flagsOf = (fields: ReadonlyArray<Field>): { readonly [name: string]: Flag.Flag<Option.Option<unknown>> } =>
  Object.fromEntries(fields.map((field) => [field.name, flagOf(field)]))

/** What was given of a configuration. */
export const given = (
  options: { readonly [name: string]: Option.Option<unknown> }
): { readonly [name: string]: unknown } =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : [])
  )
