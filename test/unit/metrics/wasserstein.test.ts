import { assert, describe, it } from "@effect/vitest"
import { Key, Metrics, NdArray, Random } from "effect-neuron"

const column = (values: ReadonlyArray<number> | Float32Array) => NdArray.make(values, [values.length, 1])
const row = (values: ReadonlyArray<number> | Float32Array) => NdArray.make(values, [values.length])
const { normalQuantile, wassersteinDistance, wassersteinToDistribution } = Metrics

describe("Metrics.wassersteinDistance", () => {
  it("agrees with scipy.stats.wasserstein_distance 1.17.1", () => {
    const normal = Random.normal(Key.make(1), 1000, { mean: 3, stddev: 0.5 }),
      uniform = Random.uniform(Key.make(2), 777, { low: 2, high: 4 })
    assert.closeTo(wassersteinDistance(column(normal), row(uniform)), 0.147179428850822, 1e-12)
    // Whole numbers: many values are equal.
    const few = Random.uniform(Key.make(3), 50, { high: 6 }).map(Math.floor)
    const fewer = Random.uniform(Key.make(4), 35, { high: 9 }).map(Math.floor)
    assert.closeTo(wassersteinDistance(row(few), row(fewer)), 1.9542857142857144, 1e-14)
  })

  it("is the mean difference of sorted values once both samples are repeated to the same size", () => {
    for (const [n, m] of [[1, 1], [1, 5], [4, 6], [7, 5], [12, 3]] as const) {
      const a = Random.normal(Key.make(n), n), b = Random.normal(Key.make(100 + m), m, { mean: 1 })
      const repeated = (values: Float32Array, times: number) =>
        Array.from(values, (value) => Array.from({ length: times }, () => value)).flat().sort((x, y) => x - y)
      const [x, y] = [repeated(a, m), repeated(b, n)]
      const expected = x.reduce((sum, value, i) => sum + Math.abs(value - y[i]!), 0) / x.length
      assert.closeTo(wassersteinDistance(row(a), row(b)), expected, 1e-12)
      assert.closeTo(wassersteinDistance(row(b), row(a)), expected, 1e-12)
    }
  })

  it("is 0 for the same values in another order, the shift for shifted ones, and keeps its arguments", () => {
    const a = row([3, 1, 2]), b = row([2, 3, 1])
    assert.strictEqual(wassersteinDistance(a, b), 0)
    assert.strictEqual(wassersteinDistance(a, row([12, 11, 13])), 10)
    assert.deepStrictEqual(a, row([3, 1, 2]))
    assert.deepStrictEqual(b, row([2, 3, 1]))
  })

  it("takes int32 and bytes, and gives NaN for NaN", () => {
    const bytes = NdArray.make(Uint8Array.of(1, 2), [2]), ints = NdArray.make(Int32Array.of(-4, 5), [2, 1])
    assert.strictEqual(wassersteinDistance(bytes, ints), 4)
    assert.isNaN(wassersteinDistance(row([1, NaN]), row([1, 2, 3])))
  })

  it("refuses other shapes and empty samples", () => {
    const message = (found: string) =>
      `wassersteinDistance expects a sample [n] or [n, 1] with n from 1 up, got ${found}`
    assert.throws(() => wassersteinDistance(NdArray.make([1, 2], [1, 2]), row([1])), RangeError, message("[1, 2]"))
    assert.throws(() => wassersteinDistance(row([1]), row([])), RangeError, message("[0]"))
    assert.throws(() => wassersteinDistance(row([1]), NdArray.make([1], [])), RangeError, message("[]"))
  })
})

describe("Metrics.wassersteinToDistribution", () => {
  it("is within its stated error of closed forms", () => {
    const mean = 3, stddev = 0.5, target = normalQuantile({ mean, stddev })
    // One value at the mean: the mean absolute deviation of the normal distribution.
    const expected = stddev * Math.sqrt(2 / Math.PI)
    for (const points of [100, 1000, 10_000]) {
      const bound = (target(1 - 1 / points) - target(1 / points)) / (2 * points)
      assert.closeTo(wassersteinToDistribution(row([mean]), target, { points }), expected, bound)
    }
    // A value to the side of a uniform distribution: the distance to its mean. Midpoints are exact here.
    assert.closeTo(wassersteinToDistribution(row([5]), (u) => u), 4.5, 1e-12)
    // n values at the quantiles (i + 1/2) / n: a quarter of a cell each.
    assert.closeTo(wassersteinToDistribution(column([0.125, 0.375, 0.625, 0.875]), (u) => u), 1 / 16, 1e-12)
  })

  it("agrees with the area between the empirical and the normal distribution function, by scipy.integrate.quad", () => {
    const sample = row(Random.normal(Key.make(1), 1000, { mean: 3, stddev: 0.5 }))
    assert.closeTo(
      wassersteinToDistribution(sample, normalQuantile({ mean: 3, stddev: 0.5 })),
      0.02457564846006023,
      3e-4 * 0.5
    )
    const points = 200_000
    assert.closeTo(
      wassersteinToDistribution(sample, normalQuantile({ mean: 3, stddev: 0.5 }), { points }),
      0.02457564846006023,
      1e-6
    )
  })

  it("refuses a number of points that is none", () => {
    for (const points of [0, 1.5, -1, NaN]) {
      assert.throws(
        () => wassersteinToDistribution(row([1]), (u) => u, { points }),
        RangeError,
        `points is a positive integer, got ${points}`
      )
    }
    assert.throws(() => wassersteinToDistribution(row([]), (u) => u), RangeError, "expects a sample [n] or [n, 1]")
  })
})

describe("Metrics.normalQuantile", () => {
  it("agrees with scipy.special.ndtri 1.17.1 in the middle, the tails and the far tails", () => {
    const quantile = normalQuantile()
    for (
      const [probability, expected] of [
        [1e-300, -37.0470962993612],
        [1e-30, -11.464024688443613],
        [1e-12, -7.034483825301131],
        [1e-5, -4.264890793922825],
        [0.05, -1.6448536269514729],
        [0.075, -1.4395314709384563],
        [0.0751, -1.4388253927525403],
        [0.3, -0.5244005127080409],
        [0.5, 0],
        [0.8, 0.8416212335729143],
        [0.93, 1.475791028179171],
        [0.999, 3.090232306167813],
        [1 - 1e-10, 6.361340889697422]
      ] as const
    ) {
      assert.closeTo(quantile(probability), expected, 2e-15 * Math.max(1, Math.abs(expected)), String(probability))
    }
    assert.deepStrictEqual([quantile(0), quantile(1)], [-Infinity, Infinity])
  })

  it("is scaled and shifted, and refuses a deviation that is not above 0", () => {
    assert.strictEqual(normalQuantile({ mean: 3, stddev: 0.5 })(0.8), 3 + 0.5 * normalQuantile()(0.8))
    for (const stddev of [0, -1, NaN]) {
      assert.throws(() => normalQuantile({ stddev }), RangeError, `stddev must be above 0, got ${stddev}`)
    }
  })
})
