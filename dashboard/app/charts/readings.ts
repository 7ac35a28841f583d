import type { Line } from "./lines.ts"
import { format } from "./palette.ts"

/** What a run's curves are at a place, or at their ends. */
export interface Entry {
  readonly of: string
  readonly values: ReadonlyArray<{
    readonly what: string
    readonly value: number
    readonly color: number
    readonly dash: ReadonlyArray<number>
  }>
}

/** The last value of a line up to a place that is a number; NaN where there is none. */
const valueAt = ({ values, xs }: Line, at: number | undefined): number => {
  let i = at === undefined ? values.length - 1 : xs.findLastIndex((x) => x <= at)
  while (i > 0 && Number.isNaN(values[i])) i--
  return values[i] ?? NaN
}

/** What an entry is ranked by: its validation, or what it has. */
const rankOf = ({ values }: Entry): number =>
  (values.find(({ value, what }) => what === "validation" && !Number.isNaN(value)) ?? values[0])?.value ?? NaN

/** The entries of lines at a place, or at their ends: the best on top where it is known what is better. */
export const entriesAt = (
  lines: ReadonlyArray<Line>,
  at: number | undefined,
  better?: "lower" | "higher"
): ReadonlyArray<Entry> => {
  const entries = new Map<string, Entry["values"]>()
  for (const line of lines) {
    if (line.faint) continue
    const { color, dash, of, what } = line
    entries.set(of, [...entries.get(of) ?? [], { what, value: valueAt(line, at), color, dash }])
  }
  const all = Array.from(entries, ([of, values]): Entry => ({ of, values }))
  if (better === undefined) return all
  const sign = better === "lower" ? 1 : -1
  // What is no number is worse than every one.
  return all.toSorted((a, b) => {
    const x = rankOf(a), y = rankOf(b)
    return Number.isNaN(x) || Number.isNaN(y) ? Number(Number.isNaN(x)) - Number(Number.isNaN(y)) : sign * (x - y)
  })
}

/** Entries as a sentence, in which a run has its name only where there are several. */
export const sentence = (entries: ReadonlyArray<Entry>): string =>
  entries.map(({ of, values }) => {
    const text = values.map(({ value, what }) => `${what} ${format(value)}`.trim()).join(" · ")
    return entries.length === 1 && values[0]?.what !== "" ? text : `${of} ${text}`
  }).join("; ")
