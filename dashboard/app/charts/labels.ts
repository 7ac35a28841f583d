import { format } from "./palette.ts"

const digits = (value: number, decimals: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })

/**
 * A number on an axis, with as many decimals as tell it from its neighbor, `step` away; without `step`, four digits. All
 * of an axis have the form of `most`, the greatest there.
 */
export const numberLabel = (value: number, step?: number, most = Math.abs(value)): string => {
  if (step === undefined || !(step > 0)) return format(value)
  if (value === 0) return "0"
  if (most < 1e-3 || most >= 1e7) return exponential(value, step)
  return digits(value, Math.min(8, places(step)))
}

/** How many decimals a number has that is as small as this, 2.5 one and 0.05 two. */
const places = (step: number): number => {
  for (let n = 0; n < 8; n++) if (Math.abs(step * 10 ** n - Math.round(step * 10 ** n)) < 1e-6 * 10 ** n) return n
  return 8
}

/** With as many digits as tell the number from the next one: `2.5e-5`. */
const exponential = (value: number, step: number): string => {
  const magnitude = Math.floor(Math.log10(Math.abs(value)))
  return value.toExponential(Math.min(8, places(step / 10 ** magnitude))).replace("e+", "e")
}

const two = (n: number): string => String(n).padStart(2, "0")

/** A time in seconds: `4.5 s`, `2:05`, `1:02:05`. */
export const timeLabel = (seconds: number): string => {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`
  const all = Math.round(seconds), hours = Math.floor(all / 3600), minutes = Math.floor(all % 3600 / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`
}

/** The room that the widest of some labels takes, in pixels, given the width of a text. */
export const roomOf = (labels: ReadonlyArray<string>, widthOf: (text: string) => number): number =>
  Math.ceil(labels.reduce((most, label) => Math.max(most, widthOf(label)), 0))
