import { Data, Result } from "effect"
import { isObject } from "effect/Predicate"
import { complete, shown } from "./configuration.ts"
import type { Configuration, Definition, Json, Kind, Made, OptionType } from "./Kind.ts"
import { messageOf } from "./messageOf.ts"
import { join } from "./structure.ts"

/**
 * What a layer, or an initializer, is, as plain JSON: its kind, its options (all of them, so that a description means
 * the same when a default changes; only initializers at their default are left out), and its children by name. A
 * wrapper has its one child under `""`, a list of children is under `0`, `1`, ….
 */
export interface Description {
  readonly kind: string
  readonly options?: { readonly [option: string]: Json }
  readonly children?: { readonly [name: string]: Description }
}

/** A layer could not be described, or a description is none that can be built. */
export class DescriptionError extends Data.TaggedError("DescriptionError")<{
  /** Where in the description, `children.head.options.units`; empty for the whole. */
  readonly path: string
  readonly expected: string
  readonly actual: string
}> {
  override get message() {
    return `${this.path === "" ? "description" : this.path}: expected ${this.expected}, found ${this.actual}`
  }
}

/**
 * How deep a description can be, and how much there can be in it: a file cannot make a program run out of its stack.
 */
const LEVELS = 64, NODES = 10_000

const fail = (path: string, expected: string, actual: string) => new DescriptionError({ path, expected, actual })

/** Runs what throws no other error than those of descriptions. */
const attempt = <A>(f: () => A): Result.Result<A, DescriptionError> => {
  try {
    return Result.succeed(f())
  } catch (error) {
    if (error instanceof DescriptionError) return Result.fail(error)
    throw error
  }
}

/** Counts the parts of a description, and refuses one that is too deep or too large. */
const limits = () => {
  let nodes = 0
  return (path: string, level: number) => {
    if (level > LEVELS) throw fail(path, `at most ${LEVELS} levels`, "more")
    if (++nodes > NODES) throw fail(path, `at most ${NODES} layers and initializers`, "more")
  }
}

// A path of many long names is not a sentence any more.
const below = (path: string, key: string): string =>
  join(path, key === "" ? `""` : key.length > 60 ? `${key.slice(0, 60)}…` : key)

/** A value that JSON gives back as it is; the options of one's own kinds can be others. */
export const json = (value: unknown, path: string, level = 1): Json => {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) {
    return value as Json
  }
  const isPlain = Array.isArray(value) ||
    (isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value)))
  if (!isPlain) throw fail(path, "a value of JSON", shown(value))
  if (level > LEVELS) throw fail(path, `at most ${LEVELS} levels`, "more")
  for (const [key, part] of Object.entries(value)) json(part, below(path, key), level + 1)
  return value as Json
}

type Described = { readonly name: string; readonly configuration?: Configuration | undefined }

/** The description of what is of a kind. */
export const described = (thing: unknown, makes: Made): Result.Result<Description, DescriptionError> => {
  const enter = limits()
  const describe = (thing: Described, makes: Made, path: string, level: number): Description => {
    enter(path, level)
    const { configuration, name } = thing
    if (configuration === undefined) {
      const which = makes === "layer" ? `${shown(name)}, which is of none` : "a function of one's own"
      throw fail(path, `${nounOf(makes)} of a kind`, which)
    }
    const { children, kind, of, options } = configuration
    for (const [property, own] of Object.entries(of)) {
      if ((thing as unknown as { readonly [key: string]: unknown })[property] !== own) {
        throw fail(path, `${kind.name} itself`, `a copy with another ${property}, which is of no kind`)
      }
    }
    const values = Object.entries(options).flatMap(([option, value]): ReadonlyArray<readonly [string, Json]> => {
      const { default: otherwise, type } = kind.options[option]!
      const at = join(join(path, "options"), option)
      if (type.makes === undefined) return [[option, json(value, at)]]
      if (value === otherwise) return []
      return [[option, describe(value as Described, type.makes, at, level + 1) as unknown as Json]]
    })
    const parts = children.map(([name, child]) =>
      [name, describe(child as Described, makes, below(join(path, "children"), name), level + 1)] as const
    )
    return {
      kind: kind.name,
      ...(values.length > 0 && { options: Object.fromEntries(values) }),
      ...(parts.length > 0 && { children: Object.fromEntries(parts) })
    }
  }
  return attempt(() => describe(thing as Described, makes, "", 1))
}

const record = (u: unknown, path: string): { readonly [key: string]: unknown } => {
  if (u === undefined) return {}
  if (isObject(u)) return u
  throw fail(path, "a record", shown(u))
}

const listed = (names: ReadonlyArray<string>): string => names.length === 0 ? "none" : names.join(", ")

const only = (names: ReadonlyArray<string>, what: string, given: object, path: string): void => {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw fail(path, `${what} (${listed(names)})`, shown(name))
  }
}

/** The children that a description gives a kind, by name, as many as it has. */
const childrenOf = (kind: Definition, given: { readonly [name: string]: unknown }, path: string) => {
  const children = Object.entries(given)
  const expected = kind.children === "none" && children.length > 0
    ? `none, for ${kind.name} has no children`
    : kind.children === "one" && (children.length !== 1 || children[0]![0] !== "")
    ? `one child of ${kind.name}, under ""`
    : kind.children === "list" && children.some(([name], i) => name !== String(i))
    ? `children of ${kind.name} under 0, 1, …`
    : undefined
  if (expected === undefined) return children
  throw fail(
    path,
    expected,
    children.length === 0 ? "none" : children.slice(0, 8).map(([name]) => shown(name)).join(", ")
  )
}

/** A constructor of a kind, or what is the only one of its kind. */
export type KindLike = Kind | { readonly configuration?: Configuration | undefined }

/** The kind that stands in a list. */
export const kindOf = (like: KindLike): Definition | undefined =>
  ("kind" in like ? like.kind : undefined) ?? ("configuration" in like ? like.configuration?.kind : undefined)

/**
 * Builds what is described with the kinds of a list. Throws a `RangeError` for two kinds of one name in the list, and
 * for what is no kind.
 */
export const builder = (kinds: ReadonlyArray<KindLike>, makes: Made) => {
  const known = { layer: new Map<string, Definition>(), initializer: new Map<string, Definition>() }
  for (const like of kinds) {
    const kind = kindOf(like)
    if (kind === undefined) throw new RangeError("build: a list of kinds, got something that is of no kind")
    const of = known[kind.makes], other = of.get(kind.name)
    if (other !== undefined && other !== kind) throw new RangeError(`build: two kinds have the name ${kind.name}`)
    of.set(kind.name, kind)
  }
  /** With `instead`, that is in the place of all initializers, also of those at their default. */
  return (json: unknown, instead?: unknown): Result.Result<unknown, DescriptionError> => {
    const enter = limits()
    const build = (json: unknown, makes: Made, path: string, level: number): unknown => {
      enter(path, level)
      if (!isObject(json)) throw fail(path, `the description of ${nounOf(makes)}`, shown(json))
      only(["kind", "options", "children"], "the parts of a description", json, path)
      const name = Object.hasOwn(json, "kind") ? json.kind : undefined
      const kind = typeof name === "string" ? known[makes].get(name) : undefined
      if (kind === undefined) {
        const names = listed([...known[makes].keys()])
        throw fail(join(path, "kind"), `one of the kinds of ${nounOf(makes)} that are given (${names})`, shown(name))
      }
      const inOptions = join(path, "options"), inChildren = join(path, "children")
      const options = record(own(json, "options"), inOptions)
      only(Object.keys(kind.options), `options of ${kind.name}`, options, inOptions)
      const parts = childrenOf(kind, record(own(json, "children"), inChildren), inChildren)
        .map(([key, child]) => [key, build(child, makes, below(inChildren, key), level + 1) as never] as const)
      const given: { [option: string]: unknown } = Object.fromEntries(
        Object.entries(options).map(([option, value]) => {
          const type: OptionType = kind.options[option]!.type, at = join(inOptions, option)
          return [option, type.makes === undefined ? value : build(value, type.makes, at, level + 1)]
        })
      )
      if (instead !== undefined) {
        const initializers = Object.entries(kind.options).filter(([, { type }]) => type.makes === "initializer")
        for (const [option] of initializers) given[option] = instead
      }
      const values = complete(
        kind.options,
        given,
        (option, expected, actual) => fail(join(inOptions, option), expected, actual)
      )
      try {
        return kind.make(values, parts)
      } catch (error) {
        // A kind checks by itself what no type of one option says.
        const message = messageOf(error)
        throw fail(path, `a ${kind.name} that can be made`, JSON.stringify(message.slice(0, 200)))
      }
    }
    return attempt(() => build(json, makes, "", 1))
  }
}

const nounOf = (makes: Made): string => makes === "layer" ? "a layer" : "an initializer"

const own = (json: { readonly [key: string]: unknown }, key: string): unknown =>
  Object.hasOwn(json, key) ? json[key] : undefined
