/** A whole number with commas: 10,000. */
export const count = (n: number): string => n.toLocaleString("en-US")

/** A share as a percentage, `98.68 %`, or a dash where there is none. */
export const percent = (share: number, digits = 2): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : "–"

/** A ratio from 0 to 1 with four digits, or a dash where there is none. */
export const ratio = (value: number): string => Number.isFinite(value) ? value.toFixed(4) : "–"

const decimals = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

const power = (value: number, digits?: number): string => value.toExponential(digits).replace("e+", "e")

/** A number of any size, with what one reads of it: `0.0408`, `12.35`, `1,234.5`, `3.20e-7`; a dash where it is none. */
export const number = (value: number): string => {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return "–"
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return power(value, 2)
  return decimals(value, size < 10 ? 4 : size < 1000 ? 2 : 1)
}

/** A number of an example, without digits that it does not have: `3`, `0.125`, `0.3333`. */
export const short = (value: number): string => {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return String(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return power(value, 2)
  return size < 1000 ? String(Number(value.toPrecision(4))) : decimals(value, 0)
}

/** A number beside an axis: `0.5`, `20,000`, `1e-7`. */
export const tick = (value: number): string => {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return power(value)
  return value.toLocaleString("en-US", { maximumSignificantDigits: 10 })
}

/** Seconds, their thousandths, and minutes and hours where there are any: `40 ms`, `4.2 s`, `3 min 12 s`, `2 h 5 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 0.1) return `${Math.round(1000 * seconds)} ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`
}

/** `learningRate` and `learning_rate` as two words. */
export const words = (name: string): string =>
  name.replaceAll(/(?<=[a-z\d])[A-Z]/g, " $&").replaceAll("_", " ")
    .replaceAll(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase()).trim()

/** Words as they begin a line. */
export const capital = (text: string): string => text.replace(/^\p{Letter}/u, (letter) => letter.toUpperCase())
