import { assert, describe, it } from "@effect/vitest"
import { Key, Metrics, NdArray, Random } from "effect-neuron"

const { frechetDistance } = Metrics
const array = (rows: ReadonlyArray<ReadonlyArray<number>>) => NdArray.make(rows.flat(), [rows.length, rows[0]!.length])

/** Correlated features of a layer with relu, some nearly always 0. */
const features = (seed: number, n: number, d: number, shift: number) => {
  const z = Random.normal(Key.make(seed), n * (d + 1))
  const data = Float32Array.from({ length: n * d }, (_, i) => {
    const at = Math.floor(i / d) * (d + 1) + i % d
    return Math.max(0, z[at]! + 0.5 * z[at + 1]! + shift * ((i % d) % 5 - 2))
  })
  return NdArray.make(data, [n, d])
}

/** Two rows for each feature: the means are `mean` and the covariance is diagonal, by construction. */
const diagonal = (deviations: ReadonlyArray<number>, mean = 0) => {
  const length = Math.sqrt((2 * deviations.length - 1) / 2)
  return array(
    deviations.flatMap((deviation, j) =>
      [1, -1].map((sign) => deviations.map((_, k) => mean + (j === k ? sign * deviation * length : 0)))
    )
  )
}

const reversed = ({ data, shape: [n = 0, d = 0] }: NdArray.NdArray) =>
  array(Array.from({ length: n }, (_, i) => Array.from(data.subarray((n - 1 - i) * d, (n - i) * d))))

describe("Metrics.frechetDistance", () => {
  it("agrees with scipy.linalg 1.17.1 for 128 features and 1,000 samples", () => {
    const distance = frechetDistance(features(5, 1000, 128, 0.5), features(6, 1000, 128, 0.6))
    assert.closeTo(distance, 3.7277083294852, 1e-9)
  })

  it("agrees with it for fewer samples than features, whose covariances are singular", () => {
    // Of scipy the singular values of the product of the centered samples: sqrtm is only good to 1e-7 here.
    const distance = frechetDistance(features(7, 40, 64, 0.5), features(8, 30, 64, -0.5))
    assert.closeTo(distance, 60.767031209604994, 1e-6)
  })

  it("of diagonal covariances is the squared distance of means and of deviations", () => {
    const a = [1, 2, 0.5, 3], b = [2, 2, 1, 0]
    const expected = a.reduce((sum, deviation, j) => sum + (deviation - b[j]!) ** 2, 0)
    assert.closeTo(frechetDistance(diagonal(a), diagonal(b)), expected, 1e-5)
    assert.closeTo(frechetDistance(diagonal(a, 1), diagonal(b, -2)), expected + 4 * 9, 1e-5)
    assert.closeTo(frechetDistance(diagonal(b), diagonal(a)), expected, 1e-5)
  })

  it("of two features is the closed form for covariances that do not commute", () => {
    const a = features(1, 50, 2, 0), b = features(2, 70, 2, 0.3)
    const moments = ({ data, shape: [n = 0] }: NdArray.NdArray) => {
      const mean = [0, 1].map((j) => Array.from(data).reduce((sum, value, i) => i % 2 === j ? sum + value : sum, 0) / n)
      const covariance = (j: number, k: number) => {
        let sum = 0
        for (let i = 0; i < n; i++) sum += (data[2 * i + j]! - mean[j]!) * (data[2 * i + k]! - mean[k]!)
        return sum / (n - 1)
      }
      return { mean, xx: covariance(0, 0), xy: covariance(0, 1), yy: covariance(1, 1) }
    }
    const p = moments(a), q = moments(b)
    // The trace of the root of a matrix of two rows is sqrt(trace + 2 sqrt(determinant)).
    const trace = p.xx * q.xx + 2 * p.xy * q.xy + p.yy * q.yy
    const determinant = (p.xx * p.yy - p.xy ** 2) * (q.xx * q.yy - q.xy ** 2)
    const expected = (p.mean[0]! - q.mean[0]!) ** 2 + (p.mean[1]! - q.mean[1]!) ** 2 + p.xx + p.yy + q.xx + q.yy -
      2 * Math.sqrt(trace + 2 * Math.sqrt(determinant))
    assert.isAbove(Math.abs(p.xy), 0.05)
    assert.closeTo(frechetDistance(a, b), expected, 1e-6)
  })

  it("is 0 for the same samples in another order, the squared shift for shifted ones", () => {
    for (const [n, d] of [[300, 32], [10, 24]] as const) {
      const a = features(3, n, d, 0.5)
      assert.closeTo(frechetDistance(a, reversed(a)), 0, 1e-6 * d)
      assert.isAtLeast(frechetDistance(a, reversed(a)), 0)
      const shifted = NdArray.make(a.data.map((value, i) => i % d === 0 ? value + 2 : value), [n, d])
      assert.closeTo(frechetDistance(a, shifted), 4, 1e-5)
    }
  })

  it("is precise for features far from 0", () => {
    const a = NdArray.make(Float32Array.from({ length: 40 }, (_, i) => 1e6 + (i * 7) % 11), [20, 2])
    const b = NdArray.make(a.data.map((value) => value - 1e6), [20, 2])
    const c = NdArray.make(b.data.map((value) => 2 * value), [20, 2])
    const both = NdArray.make(c.data.map((value) => value + 1e6), [20, 2])
    assert.closeTo(frechetDistance(a, both), frechetDistance(b, c), 1e-6)
  })

  it("of features that never change is the squared distance of the means", () => {
    assert.strictEqual(frechetDistance(array([[1, 2], [1, 2]]), array([[4, 6], [4, 6], [4, 6]])), 25)
  })

  it("of many sets to one is that of each", () => {
    const reference = features(5, 60, 8, 0.5), distance = Metrics.frechetDistanceTo(reference)
    for (const shift of [0.1, 0.9]) {
      const set = features(6, 50, 8, shift)
      assert.strictEqual(distance(set), frechetDistance(reference, set))
    }
    assert.isNaN(distance(NdArray.make(new Float32Array(16).fill(NaN), [2, 8])))
    assert.throws(() => distance(array([[1], [2]])), RangeError, /as many features in both, got \[60, 8\] and \[2, 1\]/)
    assert.throws(() => Metrics.frechetDistanceTo(array([[1, 2]])), RangeError, /n from 2 up, got \[1, 2\]/)
  })

  it("gives NaN for what is not finite", () => {
    const good = array([[1, 2], [3, 5]])
    for (const value of [NaN, Infinity]) assert.isNaN(frechetDistance(array([[1, value], [0, 0]]), good))
  })

  it("refuses other shapes, and a single sample", () => {
    const a = array([[1, 2], [3, 4]])
    for (const wrong of [array([[1, 2]]), NdArray.make([1, 2], [2]), NdArray.make([1, 2, 3, 4], [2, 2, 1])]) {
      assert.throws(
        () => frechetDistance(a, wrong),
        RangeError,
        `frechetDistance expects [n, features] with n from 2 up, got [${wrong.shape.join(", ")}]`
      )
    }
    assert.throws(
      () => frechetDistance(a, array([[1], [2]])),
      RangeError,
      "frechetDistance expects as many features in both, got [2, 2] and [2, 1]"
    )
  })
})
