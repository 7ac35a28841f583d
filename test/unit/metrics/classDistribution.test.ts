import { assert, describe, it } from "@effect/vitest"
import { Metrics, NdArray } from "effect-neuron"

const { classDistribution } = Metrics

describe("Metrics.classDistribution", () => {
  const probabilities = [[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.5, 0.3, 0.2], [0.6, 0.4, 0]]

  it("counts the classes of probabilities, with their entropy and confidence", () => {
    const found = classDistribution(NdArray.make(probabilities.flat(), [4, 3]), { predictions: "probabilities" })
    assert.deepStrictEqual(found.counts, [3, 0, 1])
    assert.strictEqual(found.present, 2)
    assert.closeTo(found.entropy, -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 1e-15)
    assert.closeTo(found.confidence, (0.7 + 0.8 + 0.5 + 0.6) / 4, 1e-7)
  })

  it("says the same of logits, whatever is added to a row", () => {
    const logits = probabilities.flatMap((row, i) => row.map((p) => Math.log(p) + [0, 5000, -5000, 1][i]!))
    const found = classDistribution(NdArray.make(logits, [4, 3]))
    assert.deepStrictEqual(found.counts, [3, 0, 1])
    // Of float32 the shift by 5000 leaves three digits behind the point.
    assert.closeTo(found.confidence, (0.7 + 0.8 + 0.5 + 0.6) / 4, 1e-4)
    const explicit = classDistribution(NdArray.make(logits, [4, 3]), { predictions: "logits" })
    assert.deepStrictEqual(explicit, found)
  })

  it("has the entropy 0 for one class and log(classes) for equal shares", () => {
    const one = classDistribution(NdArray.make([0, 9, 0, 9], [2, 2]))
    assert.deepInclude(one, { counts: [0, 2], present: 1, entropy: 0 })
    const even = Array.from({ length: 25 }, (_, i) => i % 6 === 0 ? 1 : 0)
    assert.closeTo(classDistribution(NdArray.make(even, [5, 5])).entropy, Math.log(5), 1e-15)
  })

  it("gives equal scores to the first class, and examples with NaN to none", () => {
    const found = classDistribution(NdArray.make([1, 1, 0, NaN, 7, 0], [3, 2]))
    assert.deepStrictEqual(found.counts, [2, 0])
    assert.strictEqual(found.entropy, 0)
    assert.isNaN(found.confidence)
    const none = classDistribution(NdArray.make([NaN, 1], [1, 2]))
    assert.deepInclude(none, { counts: [0, 0], present: 0, entropy: 0 })
  })

  it("refuses other shapes", () => {
    for (const [shape, size] of [[[3], 3], [[0, 3], 0], [[1, 1, 3], 3]] as const) {
      assert.throws(
        () => classDistribution(NdArray.make(new Float32Array(size), shape)),
        RangeError,
        `classDistribution expects [n, classes] with n from 1 up, got [${shape.join(", ")}]`
      )
    }
  })
})
