import { positiveInteger } from "../core/check.ts"
import * as Key from "../core/Key.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Random from "../core/Random.ts"
import { pairOf } from "./samples.ts"
import type { Samples } from "./samples.ts"
import { betweenSorted } from "./wasserstein.ts"

/** The options of {@link slicedWassersteinDistance}. */
export interface SlicedWassersteinOptions {
  /** The key of the random directions. Distances are compared under the same key. */
  readonly key: Key.Key
  /** The number of directions, by default 100. The standard error falls with its square root. */
  readonly projections?: number
}

/** A direction drawn evenly: the normal distribution has no direction that it prefers. */
const directionOf = (key: Key.Key, dimensions: number): Float64Array => {
  const direction = Float64Array.from(Random.normal(key, dimensions)), length = Math.hypot(...direction)
  return direction.map((coordinate) => coordinate / length)
}

const project = ({ data, dimensions, n }: Samples, direction: Float64Array): Float64Array => {
  const out = new Float64Array(n)
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < dimensions; j++) sum += direction[j]! * data[at++]!
    out[i] = sum
  }
  return out.sort()
}

/**
 * The sliced Wasserstein-1 distance between two sets of points, `[n, dimensions]` and `[m, dimensions]`: the mean over
 * random directions of the exact distance of the points' projections ({@link wassersteinDistance}). It is in the units
 * of the coordinates, and `NaN` when one of them is (Rabin, Peyré, Delon, Bernot: "Wasserstein barycenter and its
 * application to texture mixing", 2011).
 *
 * The `i`-th direction is a function of `Key.fold(key, i)`: the same key gives the same directions, and more of them
 * hold the fewer. Throws a `RangeError` for other shapes, and for a number of projections that is no positive
 * integer.
 *
 * @example
 * ```ts
 * import { Key, Metrics, NdArray } from "effect-neuron"
 *
 * const a = NdArray.make([0, 0, 1, 0], [2, 2]), b = NdArray.make([0, 3, 1, 3], [2, 2])
 * const distance = Metrics.slicedWassersteinDistance(a, b, { key: Key.make(1), projections: 1000 })
 * // Moved by 3, seen from a direction in the plane: 2 / π of it on average.
 * Math.abs(distance - 3 * 2 / Math.PI) < 0.1 // => true
 * ```
 */
export const slicedWassersteinDistance = (
  a: NdArray,
  b: NdArray,
  { key, projections = 100 }: SlicedWassersteinOptions
): number => {
  positiveInteger("slicedWassersteinDistance", "projections", projections)
  const [left, right] = pairOf(a, b, { by: "slicedWassersteinDistance" })
  let total = 0
  for (let i = 0; i < projections; i++) {
    const direction = directionOf(Key.fold(key, i), left.dimensions)
    total += betweenSorted(project(left, direction), project(right, direction))
  }
  return total / projections
}
