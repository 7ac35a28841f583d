import type { Distribution } from "effect-neuron/remote"

/** A picture of distributions, each a column: from 0 to 1, row by row, the greatest values in the first row. */
export interface Heat {
  readonly shares: Float32Array
  readonly rows: number
  readonly columns: number
  /** The ends of its axis. */
  readonly low: number
  readonly high: number
}

// What is further from the mean, in deviations, is left out: few values would flatten the others.
const REACH = 6

/**
 * Distributions over time as a picture. Each of their ranges is spread over the rows that it covers; the darkest place
 * is 1, and others are the roots of their parts of it, so that tails are seen.
 */
export const heatOf = (distributions: ReadonlyArray<Distribution>, rows: number): Heat => {
  const columns = distributions.length
  const low = Math.min(...distributions.map(({ mean, min, stddev }) => Math.max(min, mean - REACH * stddev)))
  const high = Math.max(...distributions.map(({ max, mean, stddev }) => Math.min(max, mean + REACH * stddev)))
  const shares = new Float32Array(rows * columns), scale = high > low ? rows / (high - low) : 0
  distributions.forEach(({ counts, max, min }, column) => {
    const total = counts.reduce((a, b) => a + b, 0), width = (max - min) / counts.length
    counts.forEach((count, bin) => {
      if (count === 0) return
      const from = (min + bin * width - low) * scale, to = (min + (bin + 1) * width - low) * scale
      // What is beyond the ends is left out; what has no width, a single value, has a row.
      if (from > rows || to < 0) return
      const first = Math.floor(Math.min(from, rows - 1)), last = Math.max(first, Math.ceil(to) - 1)
      for (let row = Math.max(0, first); row <= Math.min(last, rows - 1); row++) {
        const part = to > from ? Math.max(0, Math.min(to, row + 1) - Math.max(from, row)) / (to - from) : 1
        shares[(rows - 1 - row) * columns + column]! += part * count / total
      }
    })
  })
  const most = shares.reduce((a, b) => Math.max(a, b), 0)
  return { shares: most > 0 ? shares.map((share) => Math.sqrt(share / most)) : shares, rows, columns, low, high }
}
