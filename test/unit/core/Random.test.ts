import { assert, describe, it } from "@effect/vitest"
import { Key, Random } from "effect-neuron"

const N = 100_000
const key = Key.make(2024)

const moment = (xs: Float32Array, power: number): number => xs.reduce((sum, x) => sum + x ** power, 0) / xs.length

/** Pearson's statistic of counts that are all expected to be the same. */
const chiSquare = (counts: ReadonlyArray<number>): number => {
  const expected = counts.reduce((a, b) => a + b) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

const histogram = (values: Iterable<number>, bins: number): ReadonlyArray<number> => {
  const counts = Array.from({ length: bins }, () => 0)
  for (const value of values) counts[value]!++
  return counts
}

describe("Random", () => {
  it("bits are set half of the time, each of the 32", () => {
    const words = Random.bits(key, N)
    for (let bit = 0; bit < 32; bit++) {
      const set = words.reduce((count, word) => count + ((word >>> bit) & 1), 0)
      // Five standard deviations.
      assert.closeTo(set, N / 2, 5 * Math.sqrt(N / 4), `bit ${bit}`)
    }
  })

  it("bytes are spread evenly, and pairs of neighbors too", () => {
    const words = Random.bits(key, N)
    // With 255 degrees of freedom 350 is exceeded with a probability of 7e-5.
    for (const shift of [0, 8, 16, 24]) {
      assert.isBelow(chiSquare(histogram(words.map((word) => (word >>> shift) & 255), 256)), 350)
    }
    const pairs = Array.from({ length: N / 2 }, (_, i) => (words[2 * i]! >>> 28) * 16 + (words[2 * i + 1]! >>> 28))
    assert.isBelow(chiSquare(histogram(pairs, 256)), 350)
  })

  it("every prefix is the same, whatever the length", () => {
    const whole = Random.bits(key, 101)
    for (const n of [0, 1, 2, 7, 100]) assert.deepStrictEqual(Random.bits(key, n), whole.slice(0, n))
    assert.deepStrictEqual(Random.uniform(key, 7), Random.uniform(key, 100).slice(0, 7))
    assert.deepStrictEqual(Random.normal(key, 7), Random.normal(key, 100).slice(0, 7))
  })

  it("other keys give other numbers", () => {
    assert.notDeepEqual(Random.bits(Key.make(1), 8), Random.bits(Key.make(2), 8))
    const a = Random.normal(Key.fold(key, 0), N), b = Random.normal(Key.fold(key, 1), N)
    const correlation = a.reduce((sum, x, i) => sum + x * b[i]!, 0) / N
    assert.isBelow(Math.abs(correlation), 5 / Math.sqrt(N))
  })

  it("uniform has the moments and the bounds of its interval", () => {
    const xs = Random.uniform(key, N)
    assert.closeTo(moment(xs, 1), 1 / 2, 5 * Math.sqrt(1 / 12 / N))
    assert.closeTo(moment(xs, 2), 1 / 3, 5 * Math.sqrt(4 / 45 / N))
    assert.isTrue(xs.every((x) => x >= 0 && x < 1))
    const shifted = Random.uniform(key, N, { low: -3, high: 5 })
    assert.isTrue(shifted.every((x) => x >= -3 && x < 5))
    assert.closeTo(moment(shifted, 1), 1, 5 * Math.sqrt(64 / 12 / N))
  })

  it("normal has the moments of its distribution", () => {
    const xs = Random.normal(key, N)
    assert.isTrue(xs.every(Number.isFinite))
    // The variances of the powers of a normal number are 1, 2, 15 and 96.
    const expected = [[0, 1], [1, 2], [0, 15], [3, 96]] as const
    expected.forEach(([mean, variance], i) =>
      assert.closeTo(moment(xs, i + 1), mean, 5 * Math.sqrt(variance / N), `moment ${i + 1}`)
    )
    const tails = xs.filter((x) => Math.abs(x) > 1.959964).length
    assert.closeTo(tails, 0.05 * N, 5 * Math.sqrt(0.05 * 0.95 * N))
    const shifted = Random.normal(key, N, { mean: 10, stddev: 0.1 })
    assert.closeTo(moment(shifted, 1), 10, 5 * 0.1 / Math.sqrt(N))
  })

  it("generator gives the words of bits as fractions", () => {
    const next = Random.generator(key)
    assert.deepStrictEqual(
      Array.from({ length: 9 }, next),
      Array.from(Random.bits(key, 9), (word) => word * 2 ** -32)
    )
  })

  it("permutation holds every number once", () => {
    for (const n of [0, 1, 2, 5, 1000]) {
      assert.deepStrictEqual(
        [...Random.permutation(key, n)].sort((a, b) => a - b),
        Array.from({ length: n }, (_, i) => i)
      )
    }
    assert.deepStrictEqual(Random.permutation(key, 50), Random.permutation(key, 50))
    assert.notDeepEqual(Random.permutation(key, 50), Random.permutation(Key.make(1), 50))
  })

  it("all permutations are equally likely", () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const order = Random.permutation(Key.fold(key, i), 4).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    assert.strictEqual(counts.size, 24)
    // With 23 degrees of freedom 60 is exceeded with a probability of 4e-5.
    assert.isBelow(chiSquare([...counts.values()]), 60)
  })
})
