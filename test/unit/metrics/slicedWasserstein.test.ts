import { assert, describe, it } from "@effect/vitest"
import { Key, Metrics, NdArray, Random } from "effect-neuron"

const { slicedWassersteinDistance, wassersteinDistance } = Metrics
const key = Key.make(1)
const points = (seed: number, n: number, dimensions: number, mean = 0) =>
  NdArray.make(Random.normal(Key.make(seed), n * dimensions, { mean }), [n, dimensions])

/** The gamma function at the halves of whole numbers. */
const gammaOfHalf = (k: number): number => k === 1 ? Math.sqrt(Math.PI) : k === 2 ? 1 : (k / 2 - 1) * gammaOfHalf(k - 2)

describe("Metrics.slicedWassersteinDistance", () => {
  it("is the distance itself in one dimension, whatever the directions", () => {
    const a = points(2, 40, 1), b = points(3, 25, 1, 1)
    const expected = wassersteinDistance(a, b)
    for (const projections of [1, 7]) {
      assert.closeTo(slicedWassersteinDistance(a, b, { key, projections }), expected, 1e-12)
    }
  })

  it("of shifted points is the length of the shift times the mean |cosine| of a direction", () => {
    for (const dimensions of [2, 3, 8]) {
      const a = points(4, 5, dimensions), shift = Array.from({ length: dimensions }, (_, j) => j + 1)
      const b = NdArray.make(a.data.map((value, i) => value + shift[i % dimensions]!), a.shape)
      const cosine = gammaOfHalf(dimensions) / (Math.sqrt(Math.PI) * gammaOfHalf(dimensions + 1))
      const projections = 4000, expected = Math.hypot(...shift) * cosine
      // The deviation of |cosine| is below 0.5: four standard errors.
      assert.closeTo(
        slicedWassersteinDistance(a, b, { key, projections }),
        expected,
        4 * 0.5 * Math.hypot(...shift) / Math.sqrt(projections)
      )
    }
  })

  it("takes sets of different sizes, is symmetric, and 0 for the same points in another order", () => {
    const a = points(5, 20, 3), b = points(6, 31, 3, 1)
    const distance = slicedWassersteinDistance(a, b, { key })
    assert.strictEqual(slicedWassersteinDistance(b, a, { key }), distance)
    assert.isAbove(distance, 0.3)
    const { data } = a, turned = NdArray.make(Float32Array.of(...data.subarray(30), ...data.subarray(0, 30)), [20, 3])
    assert.strictEqual(slicedWassersteinDistance(a, turned, { key }), 0)
  })

  it("is a function of the key, and more projections keep those of fewer", () => {
    const a = points(7, 9, 2), b = points(8, 9, 2, 1)
    const of = (projections: number, key: Key.Key) => slicedWassersteinDistance(a, b, { key, projections })
    assert.strictEqual(of(3, key), of(3, key))
    assert.notStrictEqual(of(3, key), of(3, Key.make(2)))
    const second = 2 * of(2, key) - of(1, key), third = 3 * of(3, key) - 2 * of(2, key)
    assert.closeTo((of(1, key) + second + third) / 3, of(3, key), 1e-12)
    assert.notStrictEqual(second, of(1, key))
    assert.strictEqual(slicedWassersteinDistance(a, b, { key }), of(100, key))
  })

  it("gives NaN for NaN", () => {
    assert.isNaN(slicedWassersteinDistance(NdArray.make([1, NaN], [1, 2]), points(1, 3, 2), { key }))
  })

  it("refuses other shapes and numbers of projections", () => {
    const expected = "slicedWassersteinDistance expects [n, dimensions] with n from 1 up, got"
    const a = points(1, 2, 2)
    assert.throws(() => slicedWassersteinDistance(a, NdArray.make([1], [1]), { key }), RangeError, `${expected} [1]`)
    assert.throws(
      () => slicedWassersteinDistance(NdArray.make([], [0, 2]), a, { key }),
      RangeError,
      `${expected} [0, 2]`
    )
    assert.throws(
      () => slicedWassersteinDistance(a, points(1, 2, 3), { key }),
      RangeError,
      "slicedWassersteinDistance expects as many dimensions in both, got [2, 2] and [2, 3]"
    )
    for (const projections of [0, 2.5, NaN]) {
      assert.throws(
        () => slicedWassersteinDistance(a, a, { key, projections }),
        RangeError,
        `projections is a positive integer, got ${projections}`
      )
    }
  })
})
