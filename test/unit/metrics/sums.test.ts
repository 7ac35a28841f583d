import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Metrics } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

describe("Metrics.sums", () => {
  it.effect("gives the sum of the weights of each value, whatever they are called", () =>
    Backend.tensors("test", () => {
      const metric = Metrics.sums(
        "shares",
        (y: tf.Tensor) => ({
          weight: { values: y, weight: tf.tensor1d([1, 0]) },
          other: { values: y, weight: tf.tensor1d([1, 1]) },
          alike: tf.stack([y, y], 1)
        }),
        (sums, weights) => ({ sums, weights })
      )
      const y = tf.tensor1d([2, 4])
      assert.deepStrictEqual(Metrics.compute(metric, [metric.measure(y, y)]), {
        sums: { weight: 2, other: 6, alike: 12 },
        weights: { weight: 1, other: 2, alike: 4 }
      })
      const sample = tf.tensor1d([3, 0.5])
      assert.deepStrictEqual(Metrics.compute(metric, [metric.measure(y, y), metric.measure(y, y, sample)]), {
        sums: { weight: 8, other: 14, alike: 28 },
        weights: { weight: 4, other: 5.5, alike: 11 }
      })
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))

  it("refuses names that are a step's own, and so does every metric of one's own", () => {
    for (const name of ["step", "loss", "size", "epoch", "endOfEpoch", "weight"]) {
      const message = `a metric cannot be named ${name}, which is a step's own`
      assert.throws(() => Metrics.mean(name, (y: tf.Tensor) => y), RangeError, message)
      assert.throws(() => Metrics.sums(name, (y: tf.Tensor) => ({ y }), ({ y }) => y), RangeError, message)
      assert.throws(
        () => Metrics.make({ name, measure: (y: tf.Tensor) => ({ y }), finish: () => 1 }),
        RangeError,
        message
      )
    }
  })
})

describe("Metrics.perplexity", () => {
  it("refuses options that are none", () => {
    const refuses = (options: Parameters<typeof Metrics.perplexity>[0], message: string) =>
      assert.throws(() => Metrics.perplexity(options), RangeError, message)
    refuses({ labelSmoothing: 2 }, "perplexity: labelSmoothing is from 0 to 1, got 2")
    refuses({ labelSmoothing: NaN }, "perplexity: labelSmoothing is from 0 to 1, got NaN")
    refuses({ classWeights: [1, -1] }, "perplexity: classWeights are 2 numbers of 0 or more, got [1, -1]")
    assert.strictEqual(Metrics.perplexity({ classWeights: [1, 2], labelSmoothing: 1 }).name, "perplexity")
  })
})
