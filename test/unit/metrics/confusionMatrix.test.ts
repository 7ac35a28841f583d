import { assert, describe, it } from "@effect/vitest"
import { Metrics, NdArray } from "effect-neuron"

const { confusionMatrix } = Metrics

/** Scores of which the class is the highest. */
const scores = (predicted: ReadonlyArray<number>, classes: number) =>
  NdArray.make(
    predicted.flatMap((winner) => Array.from({ length: classes }, (_, j) => j === winner ? 1 : -j)),
    [predicted.length, classes]
  )
const labels = (values: ReadonlyArray<number>) => NdArray.make(Int32Array.from(values), [values.length])

describe("Metrics.confusionMatrix", () => {
  it("counts what is taken for what, with the scores of each class", () => {
    // From the documentation of scikit-learn: confusion_matrix, and precision_recall_fscore_support by hand.
    const { accuracy, classes, counts, total } = confusionMatrix(
      scores([0, 0, 2, 2, 0, 2], 3),
      labels([2, 0, 2, 2, 0, 1])
    )
    assert.deepStrictEqual(counts, [[2, 0, 0], [0, 0, 1], [1, 0, 2]])
    assert.strictEqual(total, 6)
    assert.strictEqual(accuracy, 4 / 6)
    assert.deepStrictEqual(classes, [
      { support: 2, predicted: 3, correct: 2, precision: 2 / 3, recall: 1, f1: 0.8 },
      { support: 1, predicted: 0, correct: 0, precision: NaN, recall: 0, f1: 0 },
      { support: 3, predicted: 3, correct: 2, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 }
    ])
  })

  it("has no ratios for a class that neither occurs nor is predicted", () => {
    const { classes } = confusionMatrix(scores([0], 2), labels([0]))
    assert.deepStrictEqual(classes[1], { support: 0, predicted: 0, correct: 0, precision: NaN, recall: NaN, f1: NaN })
  })

  it("gives equal scores to the first class, and examples with NaN to none", () => {
    const { accuracy, classes, counts } = confusionMatrix(
      NdArray.make([1, 1, NaN, 7, 0, 1], [3, 2]),
      labels([0, 1, 1])
    )
    assert.deepStrictEqual(counts, [[1, 0], [0, 1]])
    assert.strictEqual(accuracy, 2 / 3)
    assert.deepInclude(classes[1], { support: 2, recall: 0.5, precision: 1 })
  })

  it("refuses other shapes and labels", () => {
    const two = scores([0, 1], 2)
    assert.throws(
      () => confusionMatrix(NdArray.make([1, 2], [2]), labels([0, 1])),
      RangeError,
      "confusionMatrix expects [n, classes] with n from 1 up, got [2]"
    )
    assert.throws(() => confusionMatrix(two, labels([0])), RangeError, "expects labels [2], got [1]")
    for (const label of [2, -1]) {
      assert.throws(() => confusionMatrix(two, labels([0, label])), RangeError, `labels from 0 to 1, got ${label}`)
    }
    assert.throws(() => confusionMatrix(two, NdArray.make([0, 0.5], [2])), RangeError, "labels from 0 to 1, got 0.5")
  })
})
