import { assert, describe, it } from "@effect/vitest"
import { thin } from "../../../dashboard/app/charts/thin.ts"
import { append, cutAfter, empty, lastOf, LIMIT, smooth } from "../../../dashboard/app/state/series.ts"

describe("the course of a training in a page", () => {
  it("keeps every step of a short one", () => {
    const series = empty()
    for (let step = 1; step <= 5; step++) append(series, step, { loss: 1 / step })
    assert.deepStrictEqual(series.steps, [1, 2, 3, 4, 5])
    assert.deepStrictEqual(series.values["loss"], [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
  })

  it("keeps means of a long one, in bounded memory, to its last step", () => {
    const series = empty(), n = 5 * LIMIT
    for (let step = 1; step <= n; step++) append(series, step, { loss: step })
    assert.isAtMost(series.steps.length, LIMIT)
    assert.isAbove(series.steps.length, LIMIT / 4)
    assert.strictEqual(series.steps.at(-1), n)
    assert.strictEqual(series.weights.reduce((a, b) => a + b, 0), n)
    const sum = series.weights.reduce((total, weight, i) => total + weight * series.values["loss"]![i]!, 0)
    assert.closeTo(sum / n, (n + 1) / 2, 1e-6)
    for (const [i, weight] of series.weights.slice(0, -1).entries()) {
      assert.closeTo(series.values["loss"]![i]!, series.steps[i]! - (weight - 1) / 2, 1e-9)
    }
  })

  it("takes names that come later, and steps that come again only once", () => {
    const series = empty()
    append(series, 10, { a: 1 })
    append(series, 10, { a: 2 })
    append(series, 20, { b: 3 })
    assert.deepStrictEqual(series.values, { a: [1, NaN], b: [NaN, 3] })
    assert.strictEqual(lastOf(series, "a"), 1)
    assert.strictEqual(lastOf(series, "c"), undefined)
  })

  it("goes back to a checkpoint", () => {
    const series = empty()
    for (let step = 1; step <= 9; step++) append(series, step, { loss: step })
    cutAfter(series, 4)
    append(series, 5, { loss: 50 })
    assert.deepStrictEqual(series.steps, [1, 2, 3, 4, 5])
    assert.deepStrictEqual(series.values["loss"], [1, 2, 3, 4, 50])
  })

  it("smooths without a pull toward zero", () => {
    assert.deepStrictEqual(smooth([3, 3, 3], 0), [3, 3, 3])
    for (const value of smooth([3, 3, 3], 0.9)) assert.closeTo(value, 3, 1e-12)
    const [first, second, third] = smooth([1, NaN, 3], 0.5)
    assert.strictEqual(first, 1)
    assert.isNaN(second)
    // (0.25 · 1 + 0.5 · 3) / (1 − 0.25)
    assert.closeTo(third!, 1.75 / 0.75, 1e-12)
  })
})

describe("a curve with more points than a chart has room for", () => {
  const n = 1000, xs = Array.from({ length: n }, (_, i) => 10 * i)
  const values = xs.map((_, i) => i === 500 ? 9 : i === 501 ? -9 : Math.sin(i))

  it("stays as it is when it is short", () => {
    assert.strictEqual(thin({ xs, values }, n).values, values)
  })

  it("keeps its greatest and least values where they are, and its ends", () => {
    const thinned = thin({ xs, values }, 100)
    assert.isAtMost(thinned.xs.length, 102)
    assert.deepStrictEqual(thinned.xs, thinned.xs.toSorted((a, b) => a - b))
    for (const i of [0, 500, 501, n - 1]) {
      assert.strictEqual(thinned.values[thinned.xs.indexOf(xs[i]!)], values[i])
    }
  })

  it("is whole between two steps that are looked at", () => {
    const thinned = thin({ xs, values }, 100, 5000, 5200)
    assert.isAtMost(thinned.xs.length, 102)
    assert.deepStrictEqual(thinned.xs, [0, ...xs.slice(499, 522), 9990])
  })

  it("leaves out what is no number, where there are others", () => {
    const thinned = thin({ xs, values: values.map((value, i) => i % 2 === 1 ? NaN : value) }, 100)
    assert.isFalse(thinned.values.slice(0, -1).some(Number.isNaN))
  })
})
