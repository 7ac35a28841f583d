import { assert, describe, it } from "@effect/vitest"
import { append, cutAfter, empty, lastOf, LIMIT, smooth } from "../../dashboard/app/state/series.ts"

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

  it("smooths without a pull towards zero", () => {
    assert.deepStrictEqual(smooth([3, 3, 3], 0), [3, 3, 3])
    for (const value of smooth([3, 3, 3], 0.9)) assert.closeTo(value, 3, 1e-12)
    const [first, second, third] = smooth([1, NaN, 3], 0.5)
    assert.strictEqual(first, 1)
    assert.isNaN(second)
    // (0.25 · 1 + 0.5 · 3) / (1 − 0.25)
    assert.closeTo(third!, 1.75 / 0.75, 1e-12)
  })
})
