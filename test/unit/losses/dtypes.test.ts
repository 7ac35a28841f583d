import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Adversarial, Backend, Key, Layers, Losses, Metrics, Tree } from "effect-neuron"
import { useCompanion } from "../../../src/backend/companion/companion.ts"
import { leavesNoTensor } from "../../support/backend.ts"

type Values = (x: Tensor, target: Tensor) => Tree.Tree

const measured = (metric: Metrics.Metric<string, Tensor, Tensor, unknown>): Values => (x, target) =>
  metric.measure(x, target)
const applied = (layer: typeof Layers.relu): Values => (x) =>
  layer.apply({}, {}, x, { training: false, key: Key.make(0) })[0]

/** What takes scores `[3, 2]` and a target of that shape, or of class indices `[3]`. */
const functions: Record<string, Values> = {
  softmaxCrossEntropy: (x, t) => Losses.softmaxCrossEntropy(x, t),
  smoothed: (x, t) => Losses.softmaxCrossEntropy(x, t, { labelSmoothing: 0.25 }),
  weighted: (x, t) => ({ ...Losses.softmaxCrossEntropy(x, t, { classWeights: [1, 3] }) }),
  binaryCrossEntropy: Losses.binaryCrossEntropy,
  fromProbabilities: Losses.binaryCrossEntropyFromProbabilities,
  meanSquaredError: Losses.meanSquaredError,
  accuracy: measured(Metrics.accuracy),
  "accuracy of yes or no": (x, t) => Metrics.accuracy.measure(tf.reshape(x, [6]), tf.reshape(t, [6])),
  f1: measured(Metrics.f1),
  auc: measured(Metrics.auc()),
  "auc of thresholds": measured(Metrics.auc({ thresholds: 100 })),
  perplexity: measured(Metrics.perplexity()),
  confusion: measured(Metrics.confusion(2)),
  ...Object.fromEntries(
    [Adversarial.nonSaturating, Adversarial.leastSquares, Adversarial.hinge, Adversarial.wasserstein].flatMap((
      loss
    ) => [
      [`${loss.name}, real`, (x: Tensor, t: Tensor) => loss.real(x, t)],
      [`${loss.name}, fake`, (x: Tensor, t: Tensor) => loss.fake(x, t)],
      [`${loss.name}, generator`, (x: Tensor) => loss.generator(x)]
    ])
  ),
  identity: applied(Layers.identity),
  relu: applied(Layers.relu),
  elu: applied(Layers.elu),
  selu: applied(Layers.selu),
  sigmoid: applied(Layers.sigmoid),
  tanh: applied(Layers.tanh),
  softplus: applied(Layers.softplus),
  gelu: applied(Layers.gelu),
  geluTanh: applied(Layers.geluTanh),
  swish: applied(Layers.swish),
  softmax: applied(Layers.softmax),
  leakyRelu: applied(Layers.leakyRelu()),
  logSoftmax: applied(Layers.logSoftmax)
}

const dtypes = ["float32", "int32", "bool"] as const
const scores = [1, 0, 0, 1, 1, 1],
  targets = { "one-hot": [[1, 0, 0, 1, 0, 1], [3, 2]], indices: [[0, 1, 1], [3]] } as const

/** What a function gives, or that it says which values it takes. */
const outcome = (f: Values, x: Tensor, target: Tensor): ReadonlyArray<ReadonlyArray<number>> | "refused" => {
  try {
    return tf.tidy(() => Tree.leaves(f(x, target)).map((leaf) => Array.from(leaf.dataSync()))) as never
  } catch (error) {
    const { message } = error as Error
    assert.match(message, /float32|expects|shape/i)
    return "refused"
  }
}

describe("losses, metrics and activations of integers and booleans", () => {
  for (
    const [name, layer, companion] of [
      ["wasm", Backend.layerWasm, true],
      ["wasm, without the companion module", Backend.layerWasm, false],
      ["cpu", Backend.layerCpu, true]
    ] as const
  ) {
    it.effect(`are those of the same floats on ${name}, or refused`, () =>
      Effect.provide(
        leavesNoTensor(Backend.tensors("dtypes", () => {
          useCompanion(companion)
          for (const [what, f] of Object.entries(functions)) {
            for (const [kind, [values, shape]] of Object.entries(targets)) {
              const expected = outcome(f, tf.tensor(scores, [3, 2]), tf.tensor([...values], [...shape]))
              for (const ofX of dtypes) {
                for (const ofTarget of dtypes) {
                  const x = tf.tensor(scores, [3, 2], ofX), target = tf.tensor([...values], [...shape], ofTarget)
                  const found = outcome(f, x, target), title = `${what} of ${ofX}, ${kind} ${ofTarget}`
                  if (found === "refused") {
                    assert.isTrue(expected === "refused" || ofX !== "float32" || ofTarget !== "float32", title)
                    continue
                  }
                  assert.notStrictEqual(expected, "refused", title)
                  found.flat().forEach((value, i) =>
                    assert.closeTo(value, (expected as ReadonlyArray<ReadonlyArray<number>>).flat()[i]!, 1e-6, title)
                  )
                }
              }
            }
          }
        })),
        layer
      ).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))))
  }
})
