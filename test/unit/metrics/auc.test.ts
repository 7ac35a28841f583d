import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Pipeline, Random, Train } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"

type Numbers = ReadonlyArray<number>

/** Of scores with the labels 0 and 1, cut into batches. */
const areaOf = (scores: Numbers, labels: Numbers, weights?: Numbers, cuts: Numbers = [scores.length]) => {
  const metric = Metrics.auc()
  const part = (of: Numbers, i: number) => tf.tensor1d(of.slice(cuts[i - 1] ?? 0, cuts[i]))
  return Metrics.compute(
    metric,
    cuts.map((_, i) => metric.measure(part(scores, i), part(labels, i), weights && part(weights, i)))
  )
}

/** Pair by pair, as it is defined. */
const pairs = (scores: Numbers, labels: Numbers, weights: Numbers = scores.map(() => 1)) => {
  let right = 0, all = 0
  scores.forEach((yes, i) =>
    scores.forEach((no, j) => {
      if (labels[i] !== 1 || labels[j] !== 0) return
      right += weights[i]! * weights[j]! * (yes > no ? 1 : yes === no ? 0.5 : 0)
      all += weights[i]! * weights[j]!
    })
  )
  return right / all
}

// Many are equal: of nine values.
const n = 200
const scores = Array.from(Random.uniform(Key.make(1), n), (u) => Math.floor(9 * u) / 4 - 1)
const labels = Array.from(Random.uniform(Key.make(2), n), (u, i) => Number(u < 0.3 + scores[i]! / 5))
const weights = Array.from(Random.uniform(Key.make(3), n), (u) => Math.floor(4 * u) / 2)

for (const [name, layer] of backends) {
  describe(`auc on ${name}`, () => {
    const test = (title: string, body: () => void) =>
      it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), layer))

    test("has the values that are known: perfect, reversed, all equal, and in between", () => {
      assert.strictEqual(areaOf([-3, -2, 1, 4], [0, 0, 1, 1]), 1)
      assert.strictEqual(areaOf([-3, -2, 1, 4], [1, 1, 0, 0]), 0)
      assert.strictEqual(areaOf([2, 2, 2, 2], [1, 0, 0, 1]), 0.5)
      assert.strictEqual(areaOf([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 0.75)
      // A tie across the classes is half a pair: 5.5 of 6.
      assert.strictEqual(areaOf([1, 2, 2, 3, 4], [0, 0, 1, 1, 0]), (1 + 0.5 + 0 + 1 + 1 + 0) / 6)
      assert.strictEqual(areaOf([-Infinity, Infinity], [0, 1]), 1)
    })

    test("is the share of pairs in the right order, whatever the batches and the order in which they are merged", () => {
      const expected = pairs(scores, labels)
      assert.isAbove(expected, 0.55)
      for (const cuts of [[n], [1, 2, 3, n], [50, 100, 150, n], Array.from({ length: n }, (_, i) => i + 1)]) {
        assert.closeTo(areaOf(scores, labels, undefined, cuts), expected, 1e-12)
        assert.closeTo(areaOf(scores, labels, weights, cuts), pairs(scores, labels, weights), 1e-12)
      }
      const order = Array.from({ length: n }, (_, i) => n - 1 - i)
      const turned = (of: Numbers) => order.map((i) => of[i]!)
      assert.closeTo(
        areaOf(turned(scores), turned(labels), turned(weights), [70, n]),
        pairs(scores, labels, weights),
        1e-12
      )
    })

    test("takes logits in a column, bytes and booleans, and a weight for each example of several positions", () => {
      const metric = Metrics.auc(), column = tf.tensor2d([0.1, 0.4, 0.35, 0.8], [4, 1])
      for (const dtype of ["bool", "int32", "float32"] as const) {
        assert.strictEqual(Metrics.compute(metric, [metric.measure(column, tf.tensor1d([0, 0, 1, 1], dtype))]), 0.75)
      }
      const rows = metric.measure(tf.tensor2d([[1, 2], [9, 3]]), tf.tensor2d([[0, 1], [0, 1]]), tf.tensor1d([1, 3]))
      // Pairs of the second with the first, once; with the third, three times; of the fourth, three times and nine
      // times.
      assert.closeTo(Metrics.compute(metric, [rows]), (1 + 0 + 3 + 0) / 16, 1e-12)
    })

    test("is NaN for one class alone and for scores that are none, unless they do not count", () => {
      assert.isNaN(areaOf([1, 2], [1, 1]))
      assert.isNaN(areaOf([1, 2], [0, 0]))
      assert.isNaN(areaOf([1, NaN, 3], [0, 1, 1]))
      assert.isNaN(areaOf([1, NaN, 3, 4], [0, 1, 1, 0], undefined, [2, 4]))
      assert.strictEqual(areaOf([1, NaN, 3], [0, 1, 1], [1, 0, 1]), 1)
    })

    test("tells scores apart as far as thresholds do", () => {
      const logit = (p: number) => Math.log(p / (1 - p))
      const within = (thresholds: number, of: Numbers) => {
        const metric = Metrics.auc({ thresholds })
        return Metrics.compute(metric, [metric.measure(tf.tensor1d(of.map(logit)), tf.tensor1d([0, 1, 0, 1]))])
      }
      // Thresholds 0, 1/4, 2/4, 3/4, 1: 0.3 and 0.4 are equal, 0.6 and 0.9 are not.
      assert.strictEqual(within(5, [0.3, 0.4, 0.9, 0.6]), (0.5 + 0 + 1 + 0) / 4)
      assert.strictEqual(within(1000, [0.3, 0.4, 0.9, 0.6]), (1 + 0 + 1 + 0) / 4)
      assert.throws(() => Metrics.auc({ thresholds: 1 }), RangeError, "thresholds is an integer of at least 2, got 1")
    })

    test("refuses targets of another shape", () => {
      for (const shape of [[2], [3, 2]]) {
        assert.throws(
          () => Metrics.auc().measure(tf.zeros([2, 3]), tf.zeros(shape)),
          RangeError,
          `auc expects targets [2, 3] or [2, 3, 1], got [${shape.join(", ")}]`
        )
      }
    })
  })
}

it.effect("auc of two normal distributions, evaluated in batches, is that of their closed form", () => {
  // P(a > b) of normal a, b with means d and 0 is Φ(d / √2): 0.7602 for d = 1.
  const count = 4000, draws = Random.normal(Key.make(5), count)
  const examples = Stream.fromIterable(Array.from(draws, (x, i) => ({
    x: NdArray.make([x + i % 2], [1]),
    y: NdArray.make([i % 2], [1])
  })))
  const model = Layers.activation("identity", (x) => x)
  return Effect.gen(function*() {
    const state = yield* Train.init({ model, optimizer: Optimizers.sgd(0.1), input: [1], key: Key.make(1) })
    const found = yield* Train.evaluate(
      Pipeline.batch(examples, 128),
      { model, loss: Losses.binaryCrossEntropy, metrics: [Metrics.auc()] },
      state
    )
    // Its standard deviation is about √(1 / (6 n)) for n of each.
    assert.closeTo(found.auc, 0.7602, 0.02)
    const order = Array.from(draws, (x, i) => x + i % 2)
    assert.closeTo(found.auc, pairs(order.map(Math.fround), order.map((_, i) => i % 2)), 1e-9)
  }).pipe(Effect.provide(Backend.layerWasm))
})
