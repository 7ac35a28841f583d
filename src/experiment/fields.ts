import { Schema } from "effect"
import type { Codec } from "./codec.ts"

/** A field of a configuration as data: what a form or a command line asks for. */
export interface Field {
  readonly name: string
  readonly type: "integer" | "number" | "boolean" | "string" | "json"
  /** What can be chosen, if it is one of several. */
  readonly choices?: ReadonlyArray<string | number>
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
  readonly description?: string
  /** Absent where the field may be left out, or has to be given. */
  readonly default?: unknown
  readonly isRequired: boolean
}

type JsonSchema = { readonly [key: string]: unknown }

const resolved = (schema: JsonSchema, definitions: { readonly [name: string]: unknown }): JsonSchema => {
  const reference = schema["$ref"]
  const all = schema["allOf"], whole = Array.isArray(all) ? Object.assign({}, schema, ...all) as JsonSchema : schema
  if (typeof reference !== "string") return whole
  const name = reference.slice(reference.lastIndexOf("/") + 1)
  return { ...definitions[name] as JsonSchema, ...whole }
}

const types = new Set(["integer", "number", "boolean", "string"])
const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"]

/**
 * The fields of a configuration as data, in order; empty for a schema that is no struct. What a field is comes from the
 * JSON Schema of its encoded form; one that is no number, text, boolean or choice is `"json"`.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const rate = Experiment.option(Schema.Finite, 0.1, "The share that is dropped")
 * Experiment.fieldsOf(Schema.Struct({ rate }))
 * // => [{ name: "rate", type: "number", isRequired: false, description: "The share that is dropped", default: 0.1 }]
 * ```
 */
export const fieldsOf = (config: Codec): ReadonlyArray<Field> => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(config)
  const root = resolved(schema as JsonSchema, definitions)
  const properties = (root["properties"] ?? {}) as { readonly [name: string]: JsonSchema }
  const required = (root["required"] ?? []) as ReadonlyArray<string>
  const values = defaultsOf(config, required)
  return Object.entries(properties).map(([name, property]): Field => {
    const found = resolved(property, definitions), { description, enum: choices, type } = found
    const limits = bounds.filter((bound) => Math.abs(Number(found[bound])) < Number.MAX_SAFE_INTEGER)
    const known: ReadonlyArray<readonly [string, unknown]> = [
      ["choices", Array.isArray(choices) ? choices : undefined],
      ...limits.map((bound) => [bound, found[bound]] as const),
      ["description", description],
      ["default", values[name]]
    ]
    return Object.assign(
      {
        name,
        type: (types.has(String(type)) ? type : "json") as Field["type"],
        isRequired: required.includes(name)
      },
      Object.fromEntries(known.filter(([, value]) => value !== undefined))
    )
  })
}

/** What the fields are that nobody gives: none of them is asked for when one without a default is missing. */
const defaultsOf = (config: Codec, required: ReadonlyArray<string>): { readonly [name: string]: unknown } => {
  const fields = (config as { readonly fields?: { readonly [name: string]: Codec } }).fields
  if (fields === undefined) return {}
  const optional = Object.fromEntries(Object.entries(fields).filter(([name]) => !required.includes(name)))
  const found = Schema.decodeUnknownOption(Schema.Struct(optional))({})
  if (found._tag === "None") return {}
  return Schema.encodeUnknownSync(Schema.Struct(optional))(found.value) as { readonly [name: string]: unknown }
}
