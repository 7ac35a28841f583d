import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Metrics } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

/** The share of right answers among so many, as their number. */
const right = (prediction: tf.Tensor, target: tf.Tensor, of: number) =>
  of * Metrics.compute(Metrics.accuracy, [Metrics.accuracy.measure(prediction, target)])

for (const [name, layer] of backends) {
  describe(`accuracy on ${name}`, () => {
    const test = (title: string, body: () => void) =>
      it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), layer))

    test("compares the highest score with class indices, whole or float", () => {
      const scores = tf.tensor2d([[0.1, 0.2, 0.7], [9, -1, 3], [-3, -2, -4], [0, 1, 0]])
      for (const dtype of ["int32", "float32"] as const) {
        assert.strictEqual(right(scores, tf.tensor1d([2, 1, 1, 1], dtype), 4), 3)
      }
    })

    test("compares the highest score with one-hot targets", () => {
      const scores = tf.tensor2d([[0.1, 0.2, 0.7], [9, -1, 3]])
      assert.strictEqual(right(scores, tf.tensor2d([[0, 0, 1], [0, 1, 0]]), 2), 1)
      assert.strictEqual(right(scores, tf.tensor2d([[0, 0, 1], [1, 0, 0]], [2, 3], "bool"), 2), 2)
    })

    test("takes the mean over positions", () => {
      const scores = tf.tensor3d([[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
      assert.strictEqual(right(scores, tf.tensor2d([[0, 0], [0, 0]], [2, 2], "int32"), 4), 3)
    })

    test("takes one logit as yes or no", () => {
      const logits = [-2, 3, 0, 0.1], targets = [0, 1, 0, 0.4]
      const [column, row] = [tf.tensor2d(logits, [4, 1]), tf.tensor1d(logits)]
      for (const prediction of [column, row]) {
        for (const target of [tf.tensor2d(targets, [4, 1]), tf.tensor1d(targets)]) {
          assert.strictEqual(right(prediction, target, 4), 3)
        }
      }
      assert.strictEqual(right(row, tf.tensor1d([0, 1, 1, 1], "int32"), 4), 3)
      // Wherever the axis stands: a map of logits, all no, against all yes.
      assert.strictEqual(right(tf.mul(tf.ones([2, 4, 4, 1]), -9), tf.ones([2, 4, 4, 1]), 32), 0)
      assert.strictEqual(right(tf.mul(tf.ones([2, 4, 4, 1]), 9), tf.ones([2, 4, 4], "bool"), 32), 32)
    })

    test("refuses targets of another shape", () => {
      assert.throws(
        () => Metrics.accuracy.measure(tf.zeros([2, 3]), tf.zeros([2, 4])),
        RangeError,
        "accuracy expects targets [2] or [2, 3], got [2, 4]"
      )
      assert.throws(
        () => Metrics.accuracy.measure(tf.zeros([2, 1]), tf.zeros([3])),
        RangeError,
        "accuracy expects targets [2] or [2, 1], got [3]"
      )
    })
  })
}
