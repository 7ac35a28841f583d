import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Losses, Metrics, NdArray } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

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
      assert.throws(
        () => confusionMatrix(two, labels([0, label])),
        RangeError,
        `expects class indices from 0 to 1, got ${label}`
      )
    }
    assert.throws(
      () => confusionMatrix(two, NdArray.make([0, 0.5], [2])),
      RangeError,
      "class indices from 0 to 1, got 0.5"
    )
  })
})

for (const [name, layer] of backends) {
  describe(`Metrics.confusion on ${name}`, () => {
    const test = (title: string, body: () => void) =>
      it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), layer))
    const of = <A>(
      metric: Metrics.Metric<string, tf.Tensor, tf.Tensor, A>,
      ...batch: readonly [tf.Tensor, tf.Tensor, tf.Tensor?]
    ) => Metrics.compute(metric, [metric.measure(...batch)])

    test("says the same as the confusion matrix of whole sets, with NaN too", () => {
      const data = [1, 1, NaN, 7, 0, 1, -Infinity, 2, 3, NaN], labels = [0, 1, 1, 0, 0]
      const expected = confusionMatrix(NdArray.make(data, [5, 2]), NdArray.make(Int32Array.from(labels), [5]))
      assert.deepStrictEqual(expected.counts, [[1, 1], [0, 1]])
      const scores = tf.tensor2d(data, [5, 2])
      for (const dtype of ["int32", "float32"] as const) {
        const target = tf.tensor1d(labels, dtype)
        assert.deepStrictEqual(of(Metrics.confusion(2), scores, target), expected)
        assert.approximately(of(Metrics.accuracy, scores, target), expected.accuracy, 1e-7)
      }
      assert.deepStrictEqual(of(Metrics.confusion(2), scores, tf.oneHot(tf.tensor1d(labels, "int32"), 2)), expected)
    })

    test("takes NaN for no class, and for neither yes nor no", () => {
      assert.strictEqual(of(Metrics.accuracy, tf.tensor2d([[NaN, NaN]]), tf.tensor1d([0])), 0)
      assert.strictEqual(of(Metrics.accuracy, tf.tensor2d([[0, NaN]]), tf.tensor2d([[1, 0]])), 0)
      assert.strictEqual(of(Metrics.accuracy, tf.tensor1d([NaN, NaN, -1, 1]), tf.tensor1d([0, 1, 0, 1])), 0.5)
    })

    test("leaves out what the loss does, at positions and with weights, and whatever the index", () => {
      const scores = tf.tensor3d([[[2, 0], [2, 0], [0, 1]], [[0, 1], [2, 0], [2, 0]]])
      for (const ignoreIndex of [-1, 255, 1]) {
        const target = tf.tensor2d([[0, ignoreIndex, ignoreIndex], [0, 0, ignoreIndex]], [2, 3], "int32")
        const weight = tf.tensor1d([1, 2])
        const { accuracy, counts, total } = of(Metrics.confusion(2, { ignoreIndex }), scores, target, weight)
        assert.deepStrictEqual([counts, total], [[[3, 2], [0, 0]], 5])
        assert.strictEqual(accuracy, 0.6)
        assert.approximately(of(Metrics.accuracy({ ignoreIndex }), scores, target, weight), 0.6, 1e-6)
        const { weight: counted } = Losses.softmaxCrossEntropy(scores, target, { ignoreIndex })
        assert.strictEqual(of(Metrics.confusion(2, { ignoreIndex }), scores, target).total, tf.sum(counted).arraySync())
      }
    })

    test("refuses the labels that the loss refuses, as accuracy does", () => {
      const scores = tf.tensor2d([[2, 0], [0, 1]])
      const loss = { name: "loss", measure: Losses.softmaxCrossEntropy }
      for (const { measure, name } of [Metrics.accuracy, Metrics.confusion(2), loss]) {
        for (const label of [5, 1.9, -1, NaN]) {
          const by = name === "loss" ? "softmaxCrossEntropy" : name
          assert.throws(
            () => measure(scores, tf.tensor1d([1, label])),
            RangeError,
            `${by} expects class indices from 0 to 1, got ${Math.fround(label)}`
          )
        }
      }
      for (const make of [Metrics.accuracy, (options: Metrics.IgnoreOptions) => Metrics.confusion(2, options)]) {
        assert.throws(() => make({ ignoreIndex: 0.5 }), RangeError, "ignoreIndex is an integer, got 0.5")
        assert.throws(
          () => make({ ignoreIndex: -1 }).measure(scores, scores),
          RangeError,
          "ignoreIndex is for targets of class indices"
        )
        assert.throws(
          () => make({ ignoreIndex: -1 }).measure(scores, tf.tensor1d([0, 2])),
          RangeError,
          "class indices from 0 to 1, or -1 (ignoreIndex), got 2"
        )
      }
      assert.throws(
        () => Metrics.confusion(2).measure(tf.zeros([2, 3]), tf.zeros([2])),
        RangeError,
        "[..., 2], got [2, 3]"
      )
    })

    test("takes the one logit of the second of two classes, in each of its forms", () => {
      const logits = [2, -1, 0, NaN, 3], labels = [1, 1, 0, 0, 0]
      const expected = confusionMatrix(NdArray.make(logits, [5, 1]), NdArray.make(Int32Array.from(labels), [5]))
      assert.deepStrictEqual([expected.counts, expected.total], [[[1, 1], [1, 1]], 5])
      for (const prediction of [tf.tensor1d(logits), tf.tensor2d(logits, [5, 1])]) {
        for (const target of [tf.tensor1d(labels), tf.tensor2d(labels, [5, 1])]) {
          assert.deepStrictEqual(of(Metrics.confusion(2), prediction, target), expected)
          assert.approximately(of(Metrics.accuracy, prediction, target), expected.accuracy, 1e-7)
        }
      }
      const positions = of(Metrics.confusion(2), tf.tensor3d([1, -1, 1, 1], [2, 2, 1]), tf.tensor2d([[1, 0], [0, 1]]))
      assert.deepStrictEqual(positions.counts, [[1, 1], [0, 2]])
      assert.throws(() => Metrics.confusion(3).measure(tf.zeros([2, 1]), tf.zeros([2])), RangeError, "got [2, 1]")
    })

    test("can be masked, and accuracy is a metric as it stands", () => {
      assert.strictEqual(Metrics.accuracy.name, "accuracy")
      assert.deepStrictEqual(Object.keys({ ...Metrics.accuracy }).sort(), ["finish", "measure", "merge", "name"])
      const x = tf.tensor3d([[[2, 0], [NaN, 0]]]), mask = tf.tensor2d([[1, 0]]), target = tf.tensor2d([[0, -1]])
      const masked = Metrics.masked(Metrics.confusion(2))
      assert.deepStrictEqual(Metrics.compute(masked, [masked.measure({ x, mask }, target)]).counts, [[1, 0], [0, 0]])
    })
  })
}
