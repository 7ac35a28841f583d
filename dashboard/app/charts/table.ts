import uPlot from "uplot"
import type { Line } from "./lines.ts"
import type { Range } from "./ranges.ts"
import { thin } from "./thin.ts"

/** So many points in all: however many runs there are, a chart is drawn within a frame. */
const POINTS = 4000

const isOn = (logarithmic: boolean) => (value: number): boolean =>
  // A logarithm has no place for what is not above 0, and a curve none for what is no number.
  Number.isFinite(value) && (!logarithmic || value > 0)

/** Lines as one table by x, in detail in a part of the axis. */
export const tableOf = (lines: ReadonlyArray<Line>, logarithmic: boolean, part?: Range): uPlot.AlignedData => {
  if (lines.length === 0) return [[]]
  const on = isOn(logarithmic)
  const tables = lines.map((line): uPlot.AlignedData => {
    const { values, xs } = thin(line, POINTS / lines.length, ...part ?? [])
    return [xs as Array<number>, values.map((value) => on(value) ? value : null)]
  })
  return tables.length === 1 ? tables[0]! : uPlot.join(tables)
}

/** From the first place at which a line has a value to the last one. */
export const extentOf = (lines: ReadonlyArray<Line>): Range | undefined => {
  const ends = lines.flatMap(({ xs }) => xs.length === 0 ? [] : [xs[0]!, xs.at(-1)!])
  return ends.length === 0 ? undefined : [Math.min(...ends), Math.max(...ends)]
}

/** What was measured, of a table of some lines, in a part of its axis. */
export const valuesIn = (
  [xs, ...columns]: uPlot.AlignedData,
  lines: ReadonlyArray<Line>,
  [from, to]: Range
): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (const [line, column] of columns.entries()) {
    if (lines[line]?.isSmoothed) continue
    for (let i = 0; i < xs.length; i++) {
      const value = column[i]
      if (value !== null && value !== undefined && xs[i]! >= from && xs[i]! <= to) found.push(value)
    }
  }
  return found
}
