import { SchemaIssue } from "effect"
import type { Codec } from "./codec.ts"
import { fieldsOf } from "./fields.ts"
import type { Field } from "./fields.ts"
import { accepts, wanted } from "./limits.ts"

/** What is wrong with a field of a configuration: which one, what it takes, and what it was given. */
export interface Problem {
  /** The field, and the place in it: `sizes.1`; empty for what is no record of fields. */
  readonly field: string
  readonly expected: string
  readonly found: string
}

const MOST = 60

const shown = (value: unknown): string => {
  const text = value === undefined
    ? "nothing"
    : typeof value === "number"
    ? String(value)
    : JSON.stringify(value) ?? String(value)
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text
}

const valueAt = (json: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null && Object.hasOwn(found, key)
        ? (found as { readonly [key: PropertyKey]: unknown })[key]
        : undefined,
    json
  )

/** What a field takes, in words, where a value is none of it. */
const takes = (field: Field, value: unknown): string | undefined => {
  const { choices, type } = field
  if (choices !== undefined) {
    return choices.some((choice) => choice === value)
      ? undefined
      : `one of ${choices.join(", ")}`
  }
  switch (type) {
    case "integer":
    case "number":
      return typeof value === "number" && accepts(field, value) ? undefined : wanted(field)
    case "boolean":
      return typeof value === "boolean" ? undefined : "true or false"
    case "string":
      return typeof value === "string" ? undefined : "a text"
    case "json":
      return undefined
  }
}

const leafHook: SchemaIssue.LeafHook = (issue) =>
  issue._tag === "UnexpectedKey"
    ? "no field of this name"
    : issue._tag === "MissingKey"
    ? "a value"
    : SchemaIssue.defaultLeafHook(issue)

const format = /* @__PURE__ */ SchemaIssue.makeFormatterStandardSchemaV1({ leafHook })

/** The fields of a schema; none of one that has no JSON Schema. */
const known = (config: Codec): ReadonlyArray<Field> => {
  try {
    return fieldsOf(config)
  } catch {
    return []
  }
}

/** The problems of a configuration, one for each field, or place in it, that is wrong. */
export const problemsOf = (config: Codec, json: unknown, issue: SchemaIssue.Issue): ReadonlyArray<Problem> => {
  const fields = known(config), found = new Map<string, Problem>()
  for (const { message, path = [] } of format(issue).issues) {
    const keys = path.map((key) => typeof key === "object" ? key.key : key)
    const name = keys.map(String).join("."), value = valueAt(json, keys)
    const field = keys.length === 1 ? fields.find((field) => field.name === keys[0]) : undefined
    const expected = keys.length === 0
      ? "a record of its fields"
      : (field && takes(field, value)) ?? message.replace(/^Expected /, "").replace(/^(?=[b-hj-z][a-z]*$)/, "a ")
    if (!found.has(name)) found.set(name, { field: name, expected, found: shown(value) })
  }
  return [...found.values()]
}
