import { Option } from "effect"
import { Flag } from "effect/cli"
import type { Field } from "../experiment/index.ts"
import { numberFlag } from "./numberFlag.ts"

/** `batchSize` as a flag is written: `batch-size`. */
const dashed = (name: string): string => name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()

/** A field of a configuration, and the flag that it is. */
export interface Flagged {
  readonly field: Field
  readonly flag: string
}

/**
 * The flags of the fields of a configuration, where some names are those of the command's own flags: of `batchSize`
 * `--batch-size`; of a field that is called as another flag is, `out` say, `--config.out`.
 */
export const flagged = (fields: ReadonlyArray<Field>, own: ReadonlyArray<string>): ReadonlyArray<Flagged> => {
  // A flag that is yes or no can be turned: `--no-json`.
  const taken = new Set(own.flatMap((name) => [dashed(name), `no-${dashed(name)}`]))
  return fields.map((field) => {
    const plain = dashed(field.name)
    const isAlone = !taken.has(plain) &&
      fields.every(({ name, type }) =>
        name === field.name || (dashed(name) !== plain && (type !== "boolean" || `no-${dashed(name)}` !== plain))
      )
    return { field, flag: isAlone ? plain : `config.${field.name}` }
  })
}

/** The flag of one field of a configuration. */
export const flagNameOf = (name: string, fields: ReadonlyArray<Flagged>): string =>
  fields.find(({ field }) => field.name === name)?.flag ?? dashed(name)

const aliases: { readonly [name: string]: string } = { epochs: "e", batchSize: "b", learningRate: "l", steps: "n" }

const json = (text: string): Option.Option<unknown> => {
  try {
    return Option.some(JSON.parse(text))
  } catch {
    return Option.none()
  }
}

const plain = ({ field, flag: name }: Flagged): Flag.Flag<unknown> => {
  const { choices, type } = field
  if (choices !== undefined) {
    return Flag.map(Flag.Literals(name, choices.map(String)), (chosen) => choices.find((c) => String(c) === chosen))
  }
  switch (type) {
    case "integer":
    case "number":
      return numberFlag(name, field)
    case "boolean":
      return Flag.Boolean(name)
    case "string":
      return Flag.String(name)
    case "json":
      return Flag.filterMap(Flag.String(name), json, () => "JSON")
  }
}

/** The flag of a field of a configuration, with its description and its default; absent where it is not given. */
const flagOf = (flagged: Flagged): Flag.Flag<Option.Option<unknown>> => {
  const { field } = flagged, alias = aliases[field.name], { default: value, description = "", isRequired } = field
  const given = value === undefined || value === ""
    ? isRequired ? "has to be given" : undefined
    : `default: ${typeof value === "object" ? JSON.stringify(value) : value}`
  const text = [description, given === undefined ? "" : `(${given})`].filter((part) => part !== "").join(" ")
  return plain(flagged).pipe(
    (flag) => alias === undefined ? flag : Flag.withAlias(flag, alias),
    Flag.withDescription(text),
    Flag.optional
  )
}

/** The flags of all fields, by the names of the fields. */
export const flagsOf = (
  fields: ReadonlyArray<Flagged>
): { readonly [name: string]: Flag.Flag<Option.Option<unknown>> } =>
  Object.fromEntries(fields.map((flagged) => [flagged.field.name, flagOf(flagged)]))

/** What was given of a configuration. */
export const given = (
  options: { readonly [name: string]: Option.Option<unknown> }
): { readonly [name: string]: unknown } =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : [])
  )
