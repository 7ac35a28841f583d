import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Metrics } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

const { accuracy } = Metrics

for (const [name, layer] of backends) {
  describe(`accuracy on ${name}`, () => {
    const test = (title: string, body: () => void) =>
      it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), layer))

    test("compares the highest score with class indices, whole or float", () => {
      const scores = tf.tensor2d([[0.1, 0.2, 0.7], [9, -1, 3], [-3, -2, -4], [0, 1, 0]])
      for (const dtype of ["int32", "float32"] as const) {
        const right = accuracy.compute(scores, tf.tensor1d([2, 1, 1, 1], dtype))
        assert.strictEqual(right.dtype, "float32")
        assert.deepStrictEqual(right.arraySync(), [1, 0, 1, 1])
      }
    })

    test("compares the highest score with one-hot targets", () => {
      const scores = tf.tensor2d([[0.1, 0.2, 0.7], [9, -1, 3]])
      assert.deepStrictEqual(accuracy.compute(scores, tf.tensor2d([[0, 0, 1], [0, 1, 0]])).arraySync(), [1, 0])
    })

    test("takes the mean over positions", () => {
      const scores = tf.tensor3d([[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
      assert.deepStrictEqual(accuracy.compute(scores, tf.tensor2d([[0, 0], [0, 0]], [2, 2], "int32")).arraySync(), [
        0.5,
        1
      ])
    })

    test("takes one logit as yes or no", () => {
      const logits = [-2, 3, 0, 0.1], targets = [0, 1, 0, 0.4]
      const [column, row] = [tf.tensor2d(logits, [4, 1]), tf.tensor1d(logits)]
      for (const prediction of [column, row]) {
        for (const target of [tf.tensor2d(targets, [4, 1]), tf.tensor1d(targets)]) {
          assert.deepStrictEqual(accuracy.compute(prediction, target).arraySync(), [1, 1, 1, 0])
        }
      }
      assert.deepStrictEqual(accuracy.compute(row, tf.tensor1d([0, 1, 1, 1], "int32")).arraySync(), [1, 1, 0, 1])
    })

    test("refuses targets of another shape", () => {
      assert.throws(
        () => accuracy.compute(tf.zeros([2, 3]), tf.zeros([2, 4])),
        RangeError,
        "accuracy expects targets [2] or [2, 3], got [2, 4]"
      )
      assert.throws(
        () => accuracy.compute(tf.zeros([2, 1]), tf.zeros([3])),
        RangeError,
        "accuracy expects targets [2] or [2, 1], got [3]"
      )
    })
  })
}
