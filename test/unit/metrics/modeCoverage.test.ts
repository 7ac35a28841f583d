import { assert, describe, it } from "@effect/vitest"
import { Key, Metrics, NdArray, Random } from "effect-neuron"

const { modeCoverage } = Metrics

/** The ring of eight. */
const centers = NdArray.make(
  Array.from({ length: 8 }, (_, i) => [2 * Math.cos(i * Math.PI / 4), 2 * Math.sin(i * Math.PI / 4)]).flat(),
  [8, 2]
)

/** The given numbers of samples of each mode. */
const mixture = (numbers: ReadonlyArray<number>, deviation: number) => {
  const modes = numbers.flatMap((n, mode) => Array.from({ length: n }, () => mode))
  const noise = Random.normal(Key.make(1), 2 * modes.length, { stddev: deviation })
  return NdArray.make(noise.map((value, i) => value + centers.data[2 * modes[i >> 1]! + i % 2]!), [modes.length, 2])
}

describe("Metrics.modeCoverage", () => {
  it("finds the share of a normal distribution that lies within k deviations, and all modes", () => {
    const n = 20_000, samples = mixture(Array.from({ length: 8 }, () => n / 8), 0.02)
    for (const within of [1, 2, 3]) {
      const { highQuality, modes } = modeCoverage(samples, { centers, stddev: 0.02, within })
      // The squared distance in two dimensions is exponential with mean 2.
      const share = 1 - Math.exp(-(within ** 2) / 2)
      assert.closeTo(highQuality, share, 4 * Math.sqrt(share * (1 - share) / n), `within ${within}`)
      assert.strictEqual(modes, 8)
    }
    const { highQuality } = modeCoverage(samples, { centers, stddev: 0.02, within: 3 })
    assert.strictEqual(modeCoverage(samples, { centers, stddev: 0.02 }).highQuality, highQuality)
  })

  it("counts the samples of each mode and leaves out the modes that were lost", () => {
    const numbers = [10, 0, 3, 0, 0, 1, 0, 6]
    // Far fewer deviations than the limit: every sample counts.
    const found = modeCoverage(mixture(numbers, 0.001), { centers, stddev: 0.02 })
    assert.deepStrictEqual(found, { modes: 4, highQuality: 1, counts: numbers })
  })

  it("counts a sample for the nearest mode only, and up to the limit itself", () => {
    const line = NdArray.make([0, 4], [2, 1]), samples = NdArray.make([-1, 1, 1.01, 2.5, 3, NaN, Infinity], [7, 1])
    assert.deepStrictEqual(modeCoverage(samples, { centers: line, stddev: 0.5, within: 2 }), {
      modes: 2,
      highQuality: 3 / 7,
      counts: [2, 1]
    })
    assert.deepStrictEqual(modeCoverage(samples, { centers: line, stddev: 2 }).counts, [3, 2])
  })

  it("works in more dimensions", () => {
    const samples = NdArray.make([1, 1, 1, 5, 5, 5.5, 3, 3, 3], [3, 3])
    const found = modeCoverage(samples, { centers: NdArray.make([1, 1, 1, 5, 5, 5], [2, 3]), stddev: 0.2 })
    assert.deepStrictEqual(found, { modes: 2, highQuality: 2 / 3, counts: [1, 1] })
  })

  it("refuses other shapes and limits that are not above 0", () => {
    const samples = NdArray.make([1, 2], [1, 2])
    assert.throws(
      () => modeCoverage(NdArray.make([1, 2], [2]), { centers, stddev: 1 }),
      RangeError,
      "modeCoverage expects [n, dimensions] with n from 1 up, got [2]"
    )
    assert.throws(
      () => modeCoverage(samples, { centers: NdArray.make([1, 2], [2, 1]), stddev: 1 }),
      RangeError,
      "modeCoverage expects as many dimensions in both, got [1, 2] and [2, 1]"
    )
    for (const value of [0, -1, NaN]) {
      assert.throws(
        () => modeCoverage(samples, { centers, stddev: value }),
        RangeError,
        `modeCoverage: stddev must be above 0, got ${value}`
      )
      assert.throws(
        () => modeCoverage(samples, { centers, stddev: 1, within: value }),
        RangeError,
        `modeCoverage: within must be above 0, got ${value}`
      )
    }
  })
})
