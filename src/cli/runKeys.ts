import { Effect } from "effect"
import type { Run } from "../experiment/run/format.ts"
import { UsageError } from "./UsageError.ts"

/** A run in a list that can be read. */
export interface Known {
  readonly name: string
  readonly run: Run
}

type Of = (run: Known) => unknown

const of = (key: keyof Run): Of => ({ run }) => run[key]

/** What every run says of itself, whatever it is configured with. */
const own: { readonly [key: string]: Of } = {
  name: ({ name, run }) => run.name ?? name,
  duration: ({ run: { seconds } }) => seconds?.total ?? seconds?.train,
  ...{ experiment: of("experiment"), kind: of("kind"), state: of("state"), reason: of("reason"), note: of("note") },
  ...{ created: of("created"), updated: of("updated"), step: of("step"), steps: of("steps") },
  ...{ backend: of("backend"), threads: of("threads"), resumedFrom: of("resumedFrom") }
}

const CONFIG = "config."

/** The value at a path of names; nothing where one of them is not there. */
const at = (found: unknown, path: string): unknown => {
  const record = found as { readonly [name: string]: unknown } | null
  if (typeof record !== "object" || record === null) return undefined
  if (Object.hasOwn(record, path)) return record[path]
  const dot = path.indexOf(".")
  return dot < 0 ? undefined : at(at(record, path.slice(0, dot)), path.slice(dot + 1))
}

/**
 * What is known of a run under a name: what every run says, a field of its configuration, a figure of its test or else
 * of its validation. `config.step` and `validation.loss` say which of them is meant.
 */
export const valueOf = (known: Known, key: string): unknown => {
  const { config, results } = known.run
  if (Object.hasOwn(own, key)) return own[key]!(known)
  if (key.startsWith(CONFIG)) return at(config, key.slice(CONFIG.length))
  return at(config, key) ?? (key.includes(".") ? at(results, key) : undefined) ?? at(results?.["test"], key) ??
    at(results?.["validation"], key)
}

/** Names in a sentence, not more of them than one reads. */
export const listed = (names: ReadonlyArray<string>): string => {
  const rest = names.length - 30
  return names.slice(0, 30).join(", ") + (rest > 0 ? ` and ${rest} more` : "")
}

/** What runs can be sorted and filtered by: a field that every run has too is said with its `config.`. */
const keysOf = (known: ReadonlyArray<Known>): ReadonlyArray<string> => {
  const fields = known.flatMap(({ run }) => Object.keys(run.config))
  const figures = known.flatMap(({ run: { results = {} } }) =>
    ["test", "validation"].flatMap((split) => Object.keys(results[split] ?? {}))
  )
  return [
    ...new Set([
      ...Object.keys(own),
      ...fields.map((field) => Object.hasOwn(own, field) ? `${CONFIG}${field}` : field),
      ...figures
    ])
  ]
}

/** A name, which one of the runs has to know; of no runs any. */
export const checkedKey = (source: string, key: string, known: ReadonlyArray<Known>) =>
  Object.hasOwn(own, key) || known.length === 0 || known.some((run) => valueOf(run, key) !== undefined)
    ? Effect.succeed(key)
    : Effect.fail(
      new UsageError({ message: `${source}: expected one of ${listed(keysOf(known))}, found ${key || "nothing"}` })
    )

/** The order of two values, what is not known last. */
export const compare = (a: unknown, b: unknown): number => {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === "number" && typeof b === "number") return a - b
  return String(a) < String(b) ? -1 : Number(String(a) > String(b))
}

const holds: { readonly [sign: string]: (order: number) => boolean } = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0
}

/** A number, in percent too: `0.9`, `90%`. */
const numberOf = (text: string): number => {
  const number = text.replace(/\s*%$/, "")
  return number === "" ? NaN : Number(number) / (number === text ? 1 : 100)
}

/** Whether a run is as a condition says: `state=tested`, `hidden>32`, `test.accuracy>=90%`. */
export const condition = (
  text: string,
  known: ReadonlyArray<Known>
): Effect.Effect<(run: Known) => boolean, UsageError> =>
  Effect.gen(function*() {
    const [, name = "", sign = "", wanted = ""] = /^\s*([^=!<>]*[^=!<>\s])\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*$/.exec(text) ??
      []
    if (name === "") {
      return yield* new UsageError({
        message: `--filter ${text}: expected a condition as state=tested or hidden>32, with =, !=, <, >, <= or >=`
      })
    }
    const key = yield* checkedKey(`--filter ${text}`, name, known), number = numberOf(wanted)
    const values = known.map((run) => valueOf(run, key)).filter((value) => value !== undefined)
    if (values.length > 0 && values.every((value) => typeof value === "number") && Number.isNaN(number)) {
      return yield* new UsageError({
        message: `--filter ${text}: expected a number behind ${key}${sign}, found ${wanted || "nothing"}`
      })
    }
    return (run) => {
      const value = valueOf(run, key)
      if (value === undefined) return sign === "!="
      return holds[sign]!(compare(value, typeof value === "number" && !Number.isNaN(number) ? number : wanted))
    }
  })
