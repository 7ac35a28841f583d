/** A whole number with commas: 10,000. */
export const count = (n: number): string => n.toLocaleString("en-US")

/** A share as a percentage, `98.68 %`, or a dash where there is none. */
export const percent = (share: number, digits = 2): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : "–"

/** A ratio from 0 to 1 with four digits, or a dash where there is none. */
export const ratio = (value: number): string => Number.isFinite(value) ? value.toFixed(4) : "–"

/** Seconds, and minutes and hours where there are any: `4.2 s`, `3 min 12 s`, `2 h 5 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`
}
