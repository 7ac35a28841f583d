import type { Data } from "../../core/NdArray.ts"

/**
 * How to go from one point of the noise to another: along the arc between them, which keeps to the lengths that normal
 * noise of many dimensions has, or straight.
 */
export type Way = "spherical" | "linear"

type Shares = (t: number) => readonly [from: number, to: number]

const linear: Shares = (t) => [1 - t, t]

const spherical = (from: Data, to: Data): Shares => {
  let dot = 0, a = 0, b = 0
  for (let i = 0; i < from.length; i++) {
    const x = from[i]!, y = to[i]!
    dot += x * y
    a += x * x
    b += y * y
  }
  const angle = Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(a * b)))), sine = Math.sin(angle)
  // Points in one direction, or one of them zero, have no arc between them.
  if (!(sine > 1e-6)) return linear
  return (t) => [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine]
}

/** The points on the way between two: `from` at 0, `to` at 1. */
export const between = (from: Data, to: Data, way: Way = "spherical"): (t: number) => Float32Array => {
  const shares = way === "linear" ? linear : spherical(from, to)
  return (t) => {
    const [a, b] = shares(t)
    return Float32Array.from(from, (x, i) => a * x + b * to[i]!)
  }
}
