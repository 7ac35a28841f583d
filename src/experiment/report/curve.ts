import { extent } from "./extent.ts"

const BINS = 200

/** What was measured of the examples of a step. */
export interface Line {
  readonly step: number
  /** The number of examples. */
  readonly size: number
  /** The seconds of training so far. */
  readonly time?: number
}

/** Steps beside each other as one point: the mean of a measure over their examples, and its extremes. */
export interface Bin {
  /** The first and the last of the steps, and their middle. */
  readonly from: number
  readonly to: number
  readonly step: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** The mean of a measure over the examples of some steps. */
export const mean = <L extends Line>(lines: ReadonlyArray<L>, measure: (line: L) => number): number => {
  let sum = 0, size = 0
  for (const line of lines) {
    sum += measure(line) * line.size
    size += line.size
  }
  return sum / size
}

/** A measure over the steps as points of equally many steps each, by default at most 200; the last may have fewer. */
export const curve = <L extends Line>(
  lines: ReadonlyArray<L>,
  measure: (line: L) => number,
  most: number = BINS
): ReadonlyArray<Bin> => {
  const stepsPerBin = Math.max(1, Math.ceil(lines.length / most))
  const bins: Array<Bin> = []
  for (let at = 0; at < lines.length; at += stepsPerBin) {
    const part = lines.slice(at, at + stepsPerBin), values = part.map(measure)
    const from = part[0]!.step, to = part.at(-1)!.step, [low, high] = extent(values)
    bins.push({ from, to, step: (from + to) / 2, mean: mean(part, measure), low, high })
  }
  return bins
}

/** What the points of a curve stand for that is over so many steps, or over so many of what else was measured. */
export const pointsOf = (measured: number, unit = "step"): string => {
  const perBin = Math.ceil(measured / BINS)
  return perBin <= 1 ? `every ${unit}` : `the mean of ${perBin} ${unit}s, and their extremes as a band`
}
