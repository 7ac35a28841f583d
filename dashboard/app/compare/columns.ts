import { count, duration } from "../../../src/experiment/report/numbers.ts"
import { valueOf } from "../charts/figures.ts"
import { words } from "../charts/palette.ts"
import type { Row, Value } from "./rows.ts"

/** A column of the table of runs. */
export interface Column {
  readonly id: string
  readonly title: string
  readonly group: "run" | "configuration" | "metrics"
  readonly valueOf: (row: Row) => Value
  /** The value as a person reads it. */
  readonly text: (value: Value) => string
}

const two = (n: number): string => String(n).padStart(2, "0")

/** A moment by the clock of this machine: `2026-01-02 03:04`. */
export const moment = (milliseconds: number): string => {
  const date = new Date(milliseconds)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`
}

const none = "–"

const plain = (value: Value): string =>
  value === undefined
    ? none
    : typeof value === "boolean"
    ? value ? "yes" : "no"
    : typeof value === "number"
    ? String(value)
    : value

const numeric = (say: (value: number) => string) => (value: Value): string =>
  typeof value === "number" ? say(value) : none

const own = (
  id: string,
  valueOf: Column["valueOf"],
  text: Column["text"] = plain,
  title = id
): Column => ({ id, title, group: "run", valueOf, text })

/** What every run has. */
const ofRun: ReadonlyArray<Column> = [
  own("name", ({ name }) => name, plain, "run"),
  own("state", ({ state }) => state),
  own("experiment", ({ experiment }) => experiment),
  own("created", ({ created }) => created, numeric(moment), "began"),
  own("seconds", ({ seconds }) => seconds, numeric(duration), "duration"),
  own("step", ({ step }) => step, numeric(count), "steps"),
  own("where", ({ where }) => where, plain, "kept in"),
  own("backend", ({ backend }) => backend)
]

/** The value of a field of a configuration; what is no single value as JSON. */
const fieldOf = (value: unknown): Value =>
  value === undefined || value === null
    ? undefined
    : typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : JSON.stringify(value)

const ofField = (field: string): Column => ({
  id: `config ${field}`,
  title: words(field),
  group: "configuration",
  valueOf: ({ config }) => fieldOf(config[field]),
  text: plain
})

const ofMetric = (name: string): Column => ({
  id: `metric ${name}`,
  title: words(name),
  group: "metrics",
  valueOf: ({ metrics }) => metrics[name],
  text: numeric((value) => valueOf(name.slice(name.lastIndexOf(" ") + 1), value))
})

const prefixes = ["validation ", "test ", "train ", "best "]
const place = (name: string): number => {
  const found = prefixes.findIndex((prefix) => name.startsWith(prefix))
  return found < 0 ? prefixes.length : found
}

const namesIn = (objects: ReadonlyArray<object>): ReadonlyArray<string> => [...new Set(objects.flatMap(Object.keys))]

/** The columns that runs have something to say in: what every run has, fields of configurations, and metrics. */
export const columnsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<Column> => [
  ...ofRun,
  ...namesIn(rows.map(({ config }) => config)).map(ofField),
  ...namesIn(rows.map(({ metrics }) => metrics)).toSorted((a, b) => place(a) - place(b)).map(ofMetric)
]

/** Whether runs differ in a column; one that lacks a value differs from one that has it. */
export const differs = (rows: ReadonlyArray<Row>, { valueOf }: Column): boolean => new Set(rows.map(valueOf)).size > 1

/** The columns that are there before anybody chooses: of metrics, those by which runs are compared mostly. */
export const isUsual = ({ group, id }: Column): boolean =>
  group === "run"
    ? ["name", "state", "experiment", "created", "seconds", "step"].includes(id)
    : group === "configuration"
    ? id === "config model"
    : /^metric (validation|test) (loss|accuracy)$/.test(id)

/** A value in the order of its column: numbers by size, other values as words, what is missing last in both directions. */
const compare = (a: Value, b: Value): number =>
  typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true, sensitivity: "base" })

/** Rows in the order of a column; those that are equal in it stay as they were. */
export const sorted = (
  rows: ReadonlyArray<Row>,
  column: Column | undefined,
  descending: boolean
): ReadonlyArray<Row> => {
  if (column === undefined) return rows
  return rows.toSorted((first, second) => {
    const a = column.valueOf(first), b = column.valueOf(second)
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    return descending ? compare(b, a) : compare(a, b)
  })
}
