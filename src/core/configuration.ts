import type { Definition, Kind, Table } from "./Kind.ts"

/** A value as it stands in a message, short whatever it is. */
export const shown = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === "function") return "a function"
  if (typeof value !== "object" || value === null) return String(value)
  if (!Array.isArray(value)) return "an object"
  const isShort = value.length <= 8 && value.every((item) => typeof item !== "object" && typeof item !== "function")
  return isShort ? `[${value.map(shown).join(", ")}]` : `an array of ${value.length}`
}

/** All options of a kind, of those that were given; throws what `wrong` makes of one that is not what it has to be. */
export const complete = (
  table: Table,
  given: { readonly [option: string]: unknown },
  wrong: (option: string, expected: string, actual: string) => Error
): { readonly [option: string]: unknown } => {
  const values: { [option: string]: unknown } = {}
  for (const [name, { default: otherwise, optional, type }] of Object.entries(table)) {
    const one = Object.hasOwn(given, name) ? given[name] : undefined
    if (one === undefined && (optional || otherwise !== undefined)) {
      if (otherwise !== undefined) values[name] = otherwise
      continue
    }
    const value = type.parse(one)
    if (value === undefined) throw wrong(name, type.expected, one === undefined ? "none" : shown(one))
    values[name] = value
  }
  return values
}

/** The options that a constructor was given; throws a `RangeError` for one that is not what it has to be. */
const checked = (kind: string, table: Table, given: { readonly [option: string]: unknown }) =>
  complete(
    table,
    given,
    (option, expected, actual) => new RangeError(`${kind}: ${option} is ${expected}, got ${actual}`)
  )

/** A number for a name, which a fraction of 16 digits would make unreadable: 4 of them say enough. */
const rounded = (n: number): string => String(Number.isInteger(n) ? n : Number(n.toPrecision(4)))

/** The name of what is of a kind: its children and the options that are not at their default, `conv2d(32, 3x3)`. */
export const printed = (
  kind: string,
  table: Table,
  options: { readonly [option: string]: unknown },
  children: ReadonlyArray<readonly [name: string, child: { readonly name: string }]>
): string => {
  const parts = children.map(([key, { name }]) => /^\d*$/.test(key) ? name : `${key}: ${name}`)
  for (const [option, { bare, default: otherwise, type }] of Object.entries(table)) {
    const value = options[option]
    if (type.hidden || value === undefined) continue
    const exact = (value: unknown) => type.text === undefined ? String(value) : type.text(value, option)
    if (otherwise !== undefined && exact(value) === exact(otherwise)) continue
    const text = type.text === undefined && typeof value === "number" ? rounded(value) : exact(value)
    parts.push(bare || type.bare ? text : `${option} ${text}`)
  }
  return parts.length === 0 ? kind : `${kind}(${parts.join(", ")})`
}

/** What `given` makes of the arguments of a constructor: options, and children if there are any. */
export type Taking = (
  ...args: ReadonlyArray<never>
) => readonly [options: { readonly [option: string]: unknown }, children?: ReadonlyArray<readonly [string, unknown]>]

/** The constructor of a kind, which carries it. The type of what it takes and makes is that of its call. */
export const constructor = <F extends Kind>(
  definition: Definition,
  given: Taking = (options: { readonly [option: string]: unknown } = {}) => [options]
): F => {
  const construct = (...args: ReadonlyArray<never>) => {
    const [options, children = []] = given(...args)
    const unknown = Object.keys(options).find((name) => !Object.hasOwn(definition.options, name))
    if (unknown !== undefined) {
      const names = Object.keys(definition.options).join(", ")
      throw new RangeError(`${definition.name}: there is no option ${unknown}${names === "" ? "" : `, only ${names}`}`)
    }
    return definition.make(checked(definition.name, definition.options, options), children as ReadonlyArray<never>)
  }
  return Object.assign(construct, { kind: definition }) as unknown as F
}
