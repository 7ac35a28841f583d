import type { Column } from "./columns.ts"
import type { Row, Value } from "./rows.ts"

/** How a condition compares the value of a column. */
export const relations = ["=", "≠", "<", "≤", ">", "≥", "contains"] as const
export type Relation = (typeof relations)[number]

/** What the runs that are shown are to be in a column. */
export interface Condition {
  readonly column: string
  readonly relation: Relation
  readonly value: string
}

/** A number that was typed, in percent too: `0.9`, `1e-3`, `90 %`. */
const numberOf = (text: string): number => {
  const isPart = text.trim().endsWith("%"), number = text.trim().replace(/\s*%$/, "").replaceAll(",", "")
  return number === "" ? NaN : Number(number) / (isPart ? 100 : 1)
}

/** How a value stands to what was typed: as numbers where both are, otherwise as what is read; NaN of none. */
const against = (value: Value, text: string, typed: string): number => {
  if (value === undefined) return NaN
  const number = numberOf(typed)
  return typeof value === "number" && !Number.isNaN(number)
    ? value - number
    : text.localeCompare(typed.trim(), "en", { numeric: true, sensitivity: "base" })
}

const tests: { readonly [R in Exclude<Relation, "contains">]: (order: number) => boolean } = {
  "=": (order) => order === 0,
  "≠": (order) => order !== 0,
  "<": (order) => order < 0,
  "≤": (order) => order <= 0,
  ">": (order) => order > 0,
  "≥": (order) => order >= 0
}

const holds = (value: Value, text: string, relation: Relation, typed: string): boolean =>
  relation === "contains"
    ? text.toLowerCase().includes(typed.trim().toLowerCase())
    : tests[relation](against(value, text, typed))

/** The rows that have all the words in what is to be read of them, and for which all conditions hold. */
export const matching = (
  rows: ReadonlyArray<Row>,
  columns: ReadonlyArray<Column>,
  words: string,
  conditions: ReadonlyArray<Condition>
): ReadonlyArray<Row> => {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "")
  const asked = conditions.flatMap((condition) => {
    const column = columns.find(({ id }) => id === condition.column)
    return column === undefined ? [] : [{ ...condition, column }]
  })
  return rows.filter((row) => {
    const all = [row.note, row.reason ?? "", ...columns.map(({ text, valueOf }) => text(valueOf(row)))].join("\n")
      .toLowerCase()
    return wanted.every((word) => all.includes(word)) &&
      asked.every(({ column: { text, valueOf }, relation, value }) => {
        const found = valueOf(row)
        return holds(found, text(found), relation, value)
      })
  })
}
