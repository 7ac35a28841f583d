import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Errors, Metrics, NdArray } from "effect-neuron"

const scores = NdArray.make([5, 1, 0, 0, 2, 2, 1, 0, 9, 3, 3, 3], [4, 3])

describe("the confusion matrix", () => {
  it("counts true classes by row and predicted ones by column; the first of equal scores wins", () => {
    const expected = { data: Int32Array.of(1, 0, 1, 0, 1, 0, 1, 0, 0), shape: [3, 3] }
    const indices = NdArray.make(Int32Array.of(0, 1, 0, 2), [4])
    assert.deepStrictEqual(Result.getOrThrow(Metrics.confusionMatrix(scores, indices)), expected)
    const oneHot = NdArray.make([1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1], [4, 3])
    assert.deepStrictEqual(Result.getOrThrow(Metrics.confusionMatrix(scores, oneHot)), expected)
  })

  it("refuses shapes that do not fit, and classes that there are not", () => {
    const message = (predictions: NdArray.NdArray, targets: NdArray.NdArray) => {
      const error = Result.getOrThrow(Result.flip(Metrics.confusionMatrix(predictions, targets)))
      assert.instanceOf(error, Errors.DataError)
      return error.message
    }
    const four = NdArray.make(Int32Array.of(0, 1, 0, 3), [4])
    assert.strictEqual(message(scores, four), "confusionMatrix: expected classes 0 to 2, found 3 at 3")
    assert.strictEqual(
      message(scores, NdArray.make([1, 2], [2])),
      "confusionMatrix: expected targets [4] or [4, 3], found [2]"
    )
    assert.strictEqual(
      message(NdArray.make([1], [1]), four),
      "confusionMatrix: expected predictions [n, classes], found [1]"
    )
  })
})
