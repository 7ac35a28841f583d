import { isBranch } from "../../core/structure.ts"
import { isSplit } from "../run/lines.ts"
import type { Axis } from "./axis.ts"
import { linearAxis, measureAxis } from "./axis.ts"
import { extent } from "./extent.ts"
import { capital, number, percent, words } from "./numbers.ts"
import type { Line } from "./record.ts"

/** Where a line is, and how fast it came: nothing that was measured of a model. */
const places: ReadonlySet<string> = new Set([
  ...["split", "step", "steps", "epoch", "endOfEpoch", "size", "time", "examplesPerSecond"]
])

/** The numbers of a record by name; those of a record in it by both names, with a dot between them. */
export const numbersIn = (line: { readonly [name: string]: unknown }): ReadonlyArray<readonly [string, number]> => {
  const found: Array<readonly [string, number]> = []
  for (const name in line) {
    const value = line[name]
    if (typeof value === "number") {
      if (!places.has(name)) found.push([name, value])
    } else if (isBranch(value) && !Array.isArray(value) && !isSplit(value)) {
      for (const [inner, number] of Object.entries<unknown>(value)) {
        if (typeof number === "number") found.push([`${name}.${inner}`, number])
      }
    }
  }
  return found
}

/** A measure of a line, NaN where it has none. */
export const valueOf = (name: string) => (line: { readonly [name: string]: unknown }): number => {
  if (typeof line[name] === "number") return line[name]
  const dot = name.indexOf("."), within = line[name.slice(0, dot)]
  const value = dot < 0
    ? undefined
    : (within as { readonly [name: string]: unknown } | undefined)?.[name.slice(dot + 1)]
  return typeof value === "number" ? value : NaN
}

/** Those of some lines that have a measure. */
export const having = (lines: ReadonlyArray<Line>, name: string): ReadonlyArray<Line> => {
  const value = valueOf(name)
  return lines.filter((line) => Number.isFinite(value(line)))
}

const rank = (name: string): number => name === "loss" ? 0 : /loss$/i.test(name) ? 1 : 2

/**
 * What lines measure, losses first. What has never been anything but zero, a penalty that there is not, is left out
 * where there is something else.
 */
export const measuresIn = (lines: ReadonlyArray<Line>): ReadonlyArray<string> => {
  const found = new Map<string, boolean>()
  for (const line of lines) {
    for (const [name, value] of numbersIn(line)) {
      if (Number.isFinite(value)) found.set(name, (found.get(name) ?? false) || value !== 0)
    }
  }
  const names = [...found.keys()], something = names.filter((name) => found.get(name))
  return (something.length > 0 ? something : names).toSorted((a, b) => rank(a) - rank(b))
}

/** Whether a measure is a part of all, which is told in percent. */
const isShare = (name: string, values: ReadonlyArray<number>): boolean => {
  if (!/accuracy|precision|recall|f1|auc/i.test(name)) return false
  const [low, high] = extent(values)
  return low >= 0 && high <= 1
}

/** How the values of a measure are told. */
export interface Telling {
  readonly title: string
  readonly text: (value: number) => string
  readonly tick?: (value: number) => string
  readonly axis: (values: ReadonlyArray<number>) => Axis
}

const wholeShare = (value: number): string => percent(value, 0)

/** How a measure is told that has been some values. */
export const tellingOf = (name: string, values: ReadonlyArray<number>): Telling => {
  const title = capital(words(name))
  if (!isShare(name, values)) return { title, text: number, axis: measureAxis }
  const lowest = Math.floor(10 * extent(values)[0]) / 10
  return { title, text: percent, tick: wholeShare, axis: () => linearAxis(lowest < 1 ? lowest : 0.9, 1) }
}
