/** How many values are in which range, and their moments: TensorFlow's `HistogramProto`. */
export type Histogram = {
  readonly min: number
  readonly max: number
  /** The number of values. */
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  /** The upper end of each range, rising; a range begins where the one before it ends. */
  readonly limits: ReadonlyArray<number>
  /** How many values each range holds: from its beginning on, up to its end and without it. */
  readonly counts: ReadonlyArray<number>
}

const above: ReadonlyArray<number> = (() => {
  const limits: Array<number> = []
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) limits.push(limit)
  return [...limits, Number.MAX_VALUE]
})()

/**
 * TensorFlow's limits (`tsl/lib/histogram/histogram.cc`): from 1e-12 to 1e20 by tenths, the same below zero, and zero.
 */
export const bucketLimits = Float64Array.from([...above.toReversed().map((limit) => -limit), 0, ...above])

/** The first bucket whose limit is above a value. */
const bucketOf = (value: number): number => {
  let low = 0, high = bucketLimits.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (bucketLimits[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

/** The histogram of finite values, as TensorFlow makes it: empty buckets beside each other are one. */
export const histogramOf = (values: ArrayLike<number>): Histogram => {
  const buckets = new Float64Array(bucketLimits.length)
  let min = Number.MAX_VALUE, max = -Number.MAX_VALUE, sum = 0, sumSquares = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    buckets[bucketOf(value)]!++
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    sumSquares += value * value
  }
  const limits: Array<number> = [], counts: Array<number> = []
  for (let i = 0; i < buckets.length; i++) {
    const count = buckets[i]!
    if (count === 0 && counts.at(-1) === 0) limits.pop()
    else counts.push(count)
    limits.push(bucketLimits[i]!)
  }
  return { min, max, num: values.length, sum, sumSquares, limits, counts }
}
