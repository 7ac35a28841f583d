import { positiveInteger } from "../core/check.ts"
import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"

/** The values of a sample of numbers in ascending order; NaN stand last. */
const sorted = (who: string, { data, shape }: NdArray): Float64Array => {
  if (data.length === 0 || data.length !== shape[0]) {
    throw new RangeError(`${who} expects a sample [n] or [n, 1] with n from 1 up, got ${format(shape)}`)
  }
  return Float64Array.from(data).sort()
}

/** The distance of two samples that are in ascending order: the area between their quantile functions. */
export const betweenSorted = (a: Float64Array, b: Float64Array): number => {
  const n = a.length, m = b.length
  // Quantile functions are steps at multiples of 1/n and 1/m. In units of 1/(n m) these are whole numbers, and exact.
  let total = 0, from = 0
  for (let i = 0, j = 0; i < n;) {
    const endOfA = (i + 1) * m, endOfB = (j + 1) * n, to = Math.min(endOfA, endOfB)
    total += (to - from) * Math.abs(a[i]! - b[j]!)
    if (to === endOfA) i++
    if (to === endOfB) j++
    from = to
  }
  return total / (n * m)
}

/**
 * The Wasserstein-1 (earth mover's) distance between two samples of numbers, `[n]` or `[n, 1]` each, of any two sizes:
 * how far the values of one have to be moved, on average, to become the other. It is in the units of the values, exact
 * up to float64 rounding, and `NaN` when a value is.
 *
 * In one dimension it is the integral of `|A(u) - B(u)|` over `u` from 0 to 1, with `A` and `B` the quantile functions
 * (Vallender, "Calculation of the Wasserstein distance between probability distributions on the line", 1974), here
 * steps between the sorted values. Throws a `RangeError` for another shape and for an empty sample.
 *
 * @example
 * ```ts
 * import { Metrics, NdArray } from "effect-neuron"
 *
 * const generated = NdArray.make([2, 0], [2, 1]), real = NdArray.make([1, 5, 0], [3])
 * // Each value of the one is half of it, of the other a third: 1/3 stays, 1/6 goes from 0 to 1, 1/6 from 2 to 1,
 * // and 1/3 from 2 to 5.
 * Metrics.wassersteinDistance(generated, real).toFixed(6) // => (4 / 3).toFixed(6)
 * ```
 */
export const wassersteinDistance = (a: NdArray, b: NdArray): number =>
  betweenSorted(sorted("wassersteinDistance", a), sorted("wassersteinDistance", b))

/** The options of {@link wassersteinToDistribution}. */
export interface WassersteinToDistributionOptions {
  /** At how many probabilities the quantile function is taken, by default 10,000. */
  readonly points?: number
}

/**
 * The Wasserstein-1 distance between a sample of numbers, `[n]` or `[n, 1]`, and a distribution given by its quantile
 * function (the inverse of its cumulative distribution function), which rises on the open interval from 0 to 1.
 *
 * The distribution is replaced by its quantiles `Q` at the `points` probabilities `(i + 1/2) / points`. By the triangle
 * inequality this moves the result by no more than the distance between the two, which is below
 * `(Q(1 - 1/points) - Q(1/points)) / (2 points)` and what lies in the tails beyond: for the normal distribution and the
 * default of 10,000 points, below 3e-4 standard deviations in all. Throws a `RangeError` for another shape, an empty
 * sample, or a number of points that is no positive integer.
 *
 * @example
 * ```ts
 * import { Key, Metrics, NdArray, Random } from "effect-neuron"
 *
 * const target = Metrics.normalQuantile({ mean: 3, stddev: 0.5 })
 * const distance = (values: Float32Array) =>
 *   Metrics.wassersteinToDistribution(NdArray.make(values, [values.length]), target)
 * distance(Random.normal(Key.make(1), 10_000, { mean: 3, stddev: 0.5 })) < 0.02 // => true
 * distance(Random.normal(Key.make(1), 10_000, { mean: 2, stddev: 0.5 })).toFixed(1) // => "1.0"
 * ```
 */
export const wassersteinToDistribution = (
  sample: NdArray,
  quantile: (probability: number) => number,
  { points = 10_000 }: WassersteinToDistributionOptions = {}
): number => {
  positiveInteger("wassersteinToDistribution", "points", points)
  const reference = Float64Array.from({ length: points }, (_, i) => quantile((i + 0.5) / points))
  return betweenSorted(sorted("wassersteinToDistribution", sample), reference)
}
