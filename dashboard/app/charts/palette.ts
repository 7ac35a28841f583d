import { words as plain } from "../../../src/experiment/report/numbers.ts"

/** The value of a color of the page, as the theme has it now. */
export const cssColor = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export const runColor = (color: number): string => cssColor(`--run-${color}`)

/** A number with four digits, as a chart's axis or a table shows it. */
export const format = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return "–"
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1)
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US")
  return Number(value.toPrecision(4)).toString()
}

/** The name of a metric in words, `examplesPerSecond` as "examples per second". */
export const words = (name: string): string =>
  name === "slicedWasserstein" ? "sliced Wasserstein distance" : plain(name)
