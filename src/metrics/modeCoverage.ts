import type { NdArray } from "../core/NdArray.ts"
import { pairOf } from "./samples.ts"

/** The options of {@link modeCoverage}. */
export interface ModeCoverageOptions {
  /** The means of the modes, `[modes, dimensions]`. */
  readonly centers: NdArray
  /** The standard deviation of a mode along each axis. */
  readonly stddev: number
  /** Within how many standard deviations of a mode's mean a sample counts for the mode, by default 3. */
  readonly within?: number
}

/** How samples are spread over the modes of a mixture. */
export type ModeCoverage = {
  /** The number of modes with at least one sample. */
  readonly modes: number
  /** The share of the samples that count for some mode, from 0 to 1. */
  readonly highQuality: number
  /** The number of samples of each mode, in the order of the centers. */
  readonly counts: ReadonlyArray<number>
}

/**
 * How many modes of a known mixture (a ring or a grid of Gaussians) the samples of a generator, `[n, dimensions]`,
 * cover, and how good the samples are. A sample is of high quality when it is within three deviations of the mean that
 * is nearest to it, and counts for that mode; a mode is covered when a sample counts for it (Srivastava, Valkov,
 * Russell, Gutmann, Sutton: "VEEGAN: reducing mode collapse in GANs using implicit variational learning", 2017).
 *
 * Samples of the mixture itself do not reach a share of 1: in two dimensions it is `1 - exp(-9/2)`, 0.99. A sample with
 * `NaN` counts for no mode. Throws a `RangeError` for other shapes, and a `stddev` or `within` that is not above 0.
 *
 * @example
 * ```ts
 * import { Metrics, NdArray } from "effect-neuron"
 *
 * const centers = NdArray.make([0, 0, 10, 0, 0, 10], [3, 2])
 * const samples = NdArray.make([0.1, 0, 0, -0.2, 10, 0.2, 5, 5], [4, 2])
 * Metrics.modeCoverage(samples, { centers, stddev: 0.1 })
 * // => { modes: 2, highQuality: 0.75, counts: [2, 1, 0] }
 * ```
 */
export const modeCoverage = (
  samples: NdArray,
  { centers, stddev, within = 3 }: ModeCoverageOptions
): ModeCoverage => {
  for (const [name, value] of Object.entries({ stddev, within })) {
    if (!(value > 0)) throw new RangeError(`modeCoverage: ${name} must be above 0, got ${value}`)
  }
  const [{ data, dimensions, n }, means] = pairOf(samples, centers, { by: "modeCoverage" })
  const limit = (within * stddev) ** 2, counts = Array.from({ length: means.n }, () => 0)
  let near = 0
  for (let i = 0; i < n; i++) {
    let nearest = 0, least = Infinity
    for (let mode = 0; mode < means.n; mode++) {
      let squared = 0
      for (let j = 0; j < dimensions; j++) {
        squared += (data[i * dimensions + j]! - means.data[mode * dimensions + j]!) ** 2
      }
      if (squared < least) {
        least = squared
        nearest = mode
      }
    }
    if (least <= limit) {
      counts[nearest]!++
      near++
    }
  }
  return { modes: counts.filter((count) => count > 0).length, highQuality: near / n, counts }
}
