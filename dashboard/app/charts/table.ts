import uPlot from "uplot"
import type { Line } from "./lines.ts"
import type { Range } from "./ranges.ts"
import { thin } from "./thin.ts"

/** So many points in all: however many runs there are, a chart is drawn within a frame. */
const POINTS = 4000

const isOn = (logarithmic: boolean) => (value: number): boolean =>
  // A logarithm has no place for what is not above 0, and a curve none for what is no number.
  Number.isFinite(value) && (!logarithmic || value > 0)

/** What a chart draws of its lines. */
interface Table {
  /** All of them by x. */
  readonly data: uPlot.AlignedData
  /** What was measured in the part of the axis that is seen. */
  readonly values: ReadonlyArray<number>
}

/** Lines as one table by x, in detail in a part of the axis. */
export const tableOf = (lines: ReadonlyArray<Line>, logarithmic: boolean, part?: Range): Table => {
  if (lines.length === 0) return { data: [[]], values: [] }
  const on = isOn(logarithmic), [from, to] = part ?? [-Infinity, Infinity], measured: Array<number> = []
  const tables = lines.map((line): uPlot.AlignedData => {
    const { values, xs } = thin(line, POINTS / lines.length, from, to)
    const column = values.map((value, i) => {
      if (!on(value)) return null
      if (!line.isSmoothed && xs[i]! >= from && xs[i]! <= to) measured.push(value)
      return value
    })
    return [xs as Array<number>, column]
  })
  return { data: tables.length === 1 ? tables[0]! : uPlot.join(tables), values: measured }
}

/** From the first place at which a line has a value to the last one. */
export const extentOf = (lines: ReadonlyArray<Line>): Range | undefined => {
  const ends = lines.flatMap(({ xs }) => xs.length === 0 ? [] : [xs[0]!, xs.at(-1)!])
  return ends.length === 0 ? undefined : [Math.min(...ends), Math.max(...ends)]
}
