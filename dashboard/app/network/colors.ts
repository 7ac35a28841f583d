export type Rgb = readonly [red: number, green: number, blue: number]

/** `#rrggbb` as numbers, or `#rgb`, which is what a style sheet may be shortened to. */
export const parse = (hex: string): Rgb => {
  const n = Number.parseInt(hex.length === 4 ? hex.slice(1).replaceAll(/./g, "$&$&") : hex.slice(1), 16)
  return [n >> 16 & 255, n >> 8 & 255, n & 255]
}

export const mix = (a: Rgb, b: Rgb, t: number): Rgb => [
  Math.round(a[0] + (b[0] - a[0]) * t),
  Math.round(a[1] + (b[1] - a[1]) * t),
  Math.round(a[2] + (b[2] - a[2]) * t)
]

export const css = ([red, green, blue]: Rgb, alpha = 1): string => `rgb(${red} ${green} ${blue} / ${alpha})`

/** A color for a layer, always the same for the same place: hues a golden angle apart are far from each other. */
export const randomColor = (layer: number): Rgb => {
  const hue = (40 + layer * 137.508) % 360
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (0.5 - 0.35 * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

/** The least and the greatest of values, as a function to 0 … 1. */
export const scaled = (values: ArrayLike<number>): (value: number) => number => {
  let low = Infinity, high = -Infinity
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!)
    high = Math.max(high, values[i]!)
  }
  return high > low ? (value) => (value - low) / (high - low) : () => 0
}
