import { assert, describe, it } from "@effect/vitest"
import { probabilityOf } from "../../../dashboard/app/inspect/examined.ts"
import { continued, coursesOf, goingOn } from "../../../dashboard/app/show/courses.ts"
import { frameOf, ticksOf } from "../../../dashboard/app/show/frame.ts"
import { drawnBetween, limitsOf, probabilitiesOf, withValue } from "../../../dashboard/app/show/values.ts"
import { accepts, wanted } from "../../../src/experiment/limits.ts"
import { firstTokens, fitted, likeliestText, likeliestTokens, tokenizerOf } from "../../../src/experiment/tokens.ts"

describe("what is shown of a prediction", () => {
  it("is the probabilities of classes, of one score or of all", () => {
    assert.deepStrictEqual(probabilitiesOf({ data: Float32Array.of(0) }, 2), [0.5, 0.5])
    const [a = 0, b = 0, c = 0] = probabilitiesOf({ data: Float32Array.of(0, Math.log(2), 0) }, 3)
    assert.closeTo(b, 0.5, 1e-6)
    assert.closeTo(a + c, 0.5, 1e-6)
    // Two classes that one logit tells apart are examined with a score for each.
    const scores = { data: Float32Array.of(0, 0, 0, -Math.log(3)), shape: [2, 2] }
    assert.deepStrictEqual([0, 1].map((of) => probabilityOf({ scores }, 2, 0, of)), [0.5, 0.5])
    assert.closeTo(probabilityOf({ scores }, 2, 1, 1), 0.25, 1e-6)
  })

  it("is a text of its tokens", () => {
    const tokenizer = tokenizerOf({ tokenizer: { kind: "vocabulary", tokens: ["a", "ab", "c"] } })
    assert.strictEqual(likeliestText(Float32Array.of(0, 2, 1, 5, 0, 0, 0, 1, 2), tokenizer), "abac")
    assert.strictEqual(firstTokens(tokenizer, 2), "\"a\", \"ab\"")
    assert.deepStrictEqual(fitted([1, 2, 0], 2), [2, 0])
    assert.deepStrictEqual(fitted([1], 3), [1, 0, 0])
    assert.deepStrictEqual(likeliestTokens(Float32Array.of(0, 2, 1, 5, 0, 0, NaN, 1, 0), 3), [1, 0, -1])
  })
})

describe("a series that is drawn", () => {
  const wave = { kind: "series", names: ["height", "pull"] } as const

  it("has a straight line from one place to another, in one channel, whichever way it goes", () => {
    const flat = { data: new Float32Array(8), shape: [1, 4, 2] }
    const line = drawnBetween(flat, 1, [1, 1], [3, 3])
    assert.deepStrictEqual(line, { data: Float32Array.of(0, 0, 0, 1, 0, 2, 0, 3), shape: [1, 4, 2] })
    assert.deepStrictEqual(drawnBetween(flat, 1, [3, 3], [1, 1]), line)
    assert.deepStrictEqual(drawnBetween(flat, 0, [2, 5], [2, 5]).data, Float32Array.of(0, 0, 0, 0, 5, 0, 0, 0))
  })

  it("takes the numbers that its array takes", () => {
    const bytes = { data: Uint8Array.of(1, 2), shape: [1, 2] }
    assert.deepStrictEqual(withValue(bytes, 0, 300.2).data, Uint8Array.of(255, 2))
    assert.deepStrictEqual(withValue(bytes, 1, 7.6).data, Uint8Array.of(1, 8))
    assert.isFalse(accepts(limitsOf(bytes), 256))
    assert.isFalse(accepts(limitsOf({ data: new Float32Array(1) }), 1e39))
    assert.strictEqual(wanted(limitsOf({ data: new Float32Array(1) })), "a number from -3.4e+38 to 3.4e+38")
  })

  it("is gone on with by what has its names: the next values, or those from a moment on", () => {
    assert.deepStrictEqual(goingOn(wave, wave, 24), { start: 24, places: [0, 1] })
    assert.deepStrictEqual(goingOn(wave, { ...wave, start: 0 }, 24), { start: 0, places: [0, 1] })
    assert.deepStrictEqual(goingOn(wave, { kind: "row", names: ["pull"] }, 24), { start: 24, places: [1] })
    assert.isUndefined(goingOn(wave, { kind: "row", names: ["price"] }, 24))
    assert.isUndefined(goingOn({ kind: "row", names: ["height"] }, wave, 24))
    const given = coursesOf(wave.names, { data: Float32Array.of(1, 10, 2, 20), shape: [2, 2] })
    const next = continued(
      given,
      { data: Float32Array.of(3, 30), shape: [2] },
      { start: 2, places: [0, 1] },
      "true",
      false
    )
    assert.deepStrictEqual(next.map(({ start, values }) => [start, values]), [[1, [2, 3]], [1, [20, 30]]])
    const one = coursesOf(["1"], { data: Float32Array.of(1, 2), shape: [2] })
    const over = continued(
      one,
      { data: Float32Array.of(3, 4), shape: [2, 1] },
      { start: 0, places: [0] },
      "true",
      false
    )
    assert.deepStrictEqual(over, [{ name: "true value", values: [3, 4], start: 0, color: 1, isDashed: false }])
  })

  it("is in a frame of round numbers, of which a place gives its moment and its value", () => {
    assert.deepStrictEqual(ticksOf(-0.93, 1.01), [-1, -0.5, 0, 0.5, 1, 1.5])
    assert.deepStrictEqual(ticksOf(0.0012, 0.0049, 4), [0.001, 0.002, 0.003, 0.004, 0.005])
    const frame = frameOf([{ values: [0, 1, 4] }, { start: 2, values: [4, 8] }])
    assert.deepStrictEqual([frame.first, frame.last, frame.ticks[0], frame.ticks.at(-1)], [0, 3, 0, 8])
    assert.closeTo(frame.momentAt(frame.x(2)), 2, 1e-9)
    assert.closeTo(frame.valueAt(frame.y(5)), 5, 1e-9)
    assert.strictEqual(frame.valueAt(-1000), 8)
    // A line that is flat, one of nothing, and one with a gap have frames too.
    for (const values of [[3, 3], [0, 0], [], [NaN, 2]]) {
      const { high, low, x, y } = frameOf([{ values }])
      assert.isTrue([high - low, x(0), x(1), y(low)].every(Number.isFinite) && high > low)
    }
  })
})
