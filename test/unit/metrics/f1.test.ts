import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Metrics, Random } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

type Numbers = ReadonlyArray<number>

const n = 60
const logits = Array.from(Random.normal(Key.make(1), n))
const labels = Array.from(Random.uniform(Key.make(2), n), (u, i) => Number(u < 0.5 + logits[i]! / 6))
const weights = Array.from(Random.uniform(Key.make(3), n), (u) => Math.floor(4 * u) / 2)

/** 2 / (1 / precision + 1 / recall), counted one by one. */
const defined = (weights: Numbers = logits.map(() => 1)) => {
  const count = (which: (yes: boolean, real: boolean) => boolean) =>
    weights.reduce((sum, w, i) => sum + (which(logits[i]! > 0, labels[i] === 1) ? w : 0), 0)
  const both = count((yes, real) => yes && real)
  const precision = both / count((yes) => yes), recall = both / count((_, real) => real)
  return 2 / (1 / precision + 1 / recall)
}

const { f1 } = Metrics

for (const [name, layer] of backends) {
  describe(`f1 on ${name}`, () => {
    const test = (title: string, body: () => void) =>
      it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), layer))

    test("is the harmonic mean of precision and recall over all batches, weighted or not", () => {
      const part = (of: Numbers, [from, to]: readonly [number, number]) => tf.tensor1d(of.slice(from, to))
      for (const cuts of [[[0, n]], [[0, 1], [1, 20], [20, n]]] as const) {
        const plain = cuts.map((cut) => f1.measure(part(logits, cut), part(labels, cut)))
        assert.closeTo(Metrics.compute(f1, plain), defined(), 1e-6)
        const weighted = cuts.map((cut) => f1.measure(part(logits, cut), part(labels, cut), part(weights, cut)))
        assert.closeTo(Metrics.compute(f1, weighted), defined(weights), 1e-6)
      }
      // The mean of the batches' own values, 1 and 0, is another number.
      const batches = [
        f1.measure(tf.tensor1d([1]), tf.tensor1d([1])),
        f1.measure(tf.tensor1d([1, 1, -1]), tf.tensor1d([0, 0, 1]))
      ]
      assert.strictEqual(Metrics.compute(f1, batches), 0.4)
    })

    test("has the values that are known, and those where a count is nothing", () => {
      const of = (logits: Numbers, labels: Numbers) =>
        Metrics.compute(f1, [f1.measure(tf.tensor1d([...logits]), tf.tensor1d([...labels]))])
      assert.strictEqual(of([1, -1], [1, 0]), 1)
      assert.strictEqual(of([1, -1], [0, 1]), 0)
      // Two of three found, two of two right: precision 1, recall 2/3. A logit of 0 is no, a target of 0.5 is yes.
      assert.closeTo(of([5, 1, 0, -2], [1, 0.5, 1, 0]), 0.8, 1e-12)
      assert.strictEqual(of([-1, -1], [1, 0]), 0)
      assert.isNaN(of([-1, -1], [0, 0]))
    })

    test("counts positions together, of targets of any type and of their own shape", () => {
      const map = tf.tensor4d([3, -1, 2, -4], [1, 2, 2, 1])
      for (const dtype of ["bool", "int32", "float32"] as const) {
        const target = tf.tensor3d([1, 1, 0, 0], [1, 2, 2], dtype)
        assert.strictEqual(Metrics.compute(f1, [f1.measure(map, target)]), 0.5)
      }
      assert.throws(
        () => f1.measure(map, tf.zeros([3])),
        RangeError,
        "f1 expects targets [1, 2, 2] or [1, 2, 2, 1], got [3]"
      )
      assert.throws(() => f1.measure(tf.ones([2, 3]), tf.ones([3, 2])), RangeError, "f1 expects targets [2, 3]")
      // NaN is no yes.
      assert.strictEqual(Metrics.compute(f1, [f1.measure(tf.tensor1d([NaN, NaN, 1]), tf.tensor1d([0, 1, 1]))]), 2 / 3)
    })
  })
}
