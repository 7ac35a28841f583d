import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Losses, Metrics } from "effect-neuron"
import type { Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

type Metric = Metrics.Metric<string, Tensor | Layers.Masked>

const tokens = (...rows: ReadonlyArray<ReadonlyArray<number>>): Tensor => {
  const longest = Math.max(...rows.map(({ length }) => length))
  const padded = rows.map((row) => Array.from({ length: longest }, (_, i) => row[i] ?? -1))
  return tf.tensor2d(padded.flat(), [rows.length, longest], "int32")
}

/** All ways: what an edit distance is by its definition. */
const distance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  if (a.length === 0 || b.length === 0) return a.length + b.length
  const [x, ...restA] = a, [y, ...restB] = b
  return x === y ? distance(restA, restB) : 1 + Math.min(distance(restA, restB), distance(restA, b), distance(a, restB))
}

describe("edit distances", () => {
  it("are the least number of edits", () => {
    let seed = 7
    const next = (n: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n
    const word = () => Array.from({ length: next(7) }, () => next(3))
    for (let i = 0; i < 60; i++) {
      const a = word(), b = word()
      assert.strictEqual(Metrics.editDistance(a, b), distance(a, b), `${a} to ${b}`)
    }
    assert.strictEqual(Metrics.editDistance("intention", "execution"), 5)
    assert.strictEqual(Metrics.editDistance("", "abc"), 3)
    // One character, of two units.
    assert.strictEqual(Metrics.editDistance("a😀b", "ab"), 1)
  })

  it("over lengths are error rates", () => {
    assert.strictEqual(Metrics.characterErrorRate(["", "abcd"], ["xy", "ab"]), 1)
    assert.strictEqual(Metrics.wordErrorRate(["  a b\nc", "x"], ["a c", "x y z"]), 3 / 5)
    assert.isNaN(Metrics.wordErrorRate([""], [" "]))
    assert.throws(
      () => Metrics.wordErrorRate(["a"], []),
      RangeError,
      "wordErrorRate expects as many texts in both, got 1 and 0"
    )
  })
})

// Computed by NLTK 3.8, corpus_bleu.
const hypotheses = [
  ...[[2, 3, 4, 1, 1, 4], [2, 2, 4, 4, 4, 2, 2], [4, 1, 1, 2, 1], [1, 3, 4, 4, 4, 4, 4], [3, 1, 1, 2, 4]],
  ...[[3, 4, 3, 4, 4, 3], [4, 2, 3, 1, 3, 2, 3, 1, 2, 3, 3], [1, 4, 4, 1], [1, 4, 2, 1, 3, 4, 4, 1]]
]
const references = [
  [[1, 4, 3, 3, 2, 1, 3, 1, 1, 1, 1, 2]],
  [[3, 2, 1, 3, 3, 3, 2], [4, 4, 4, 1, 3, 4, 2, 3, 4]],
  [[3, 3, 1, 4, 3, 1, 4, 2, 1, 3, 4], [3, 3, 4, 1, 1, 1, 3, 3]],
  [[3, 3, 2, 3, 2, 3, 3, 3, 3, 4], [1, 2, 3, 2], [2, 3, 2, 4, 1, 1, 3]],
  [[4, 2, 1, 3, 2, 4], [2, 1, 1, 2, 3, 2, 3]],
  [[3, 2, 4, 3], [3, 4, 3, 4, 3, 4, 4, 1, 4, 2, 2]],
  ...[[[4, 2, 1, 4, 3, 3, 2, 1, 3, 1]], [[1, 2, 4]], [[1, 4, 1], [3, 2, 1, 4, 1], [1, 3, 2, 3, 4, 1, 3, 2, 2, 1, 1, 2]]]
]

describe("BLEU", () => {
  it("is that of NLTK", () => {
    assert.approximately(Metrics.bleuScore(hypotheses, references), 0.2376108209282865, 1e-12)
    const texts = [
      "It is a guide to action which ensures that the military always obeys the commands of the party",
      "he read the book because he was interested in world history"
    ]
    const others = [
      [
        "It is a guide to action that ensures that the military will forever heed Party commands",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party",
        "It is the practical guide for the army always to heed the directions of the party"
      ],
      ["he was interested in world history because he read the book"]
    ]
    assert.approximately(Metrics.bleuScore(texts, others), 0.5920778868801042, 1e-12)
    assert.strictEqual(Metrics.bleuScore(["a b c d"], [["a b c d e"]]), Math.exp(-1 / 4))
    assert.strictEqual(Metrics.bleuScore(["a b c"], [["a b c"]]), 0)
    // Runs are told apart by their tokens.
    assert.strictEqual(Metrics.bleuScore([["1,2", "3", "4", "5"]], [["1", "2,3", "4", "5"]]), 0)
    assert.throws(
      () => Metrics.bleuScore(["a", "b"], [["a"], []]),
      RangeError,
      "bleuScore expects at least one reference for each of 2 texts, got [1, 0]"
    )
  })
})

for (const [backend, backendLayer] of backends) {
  describe(`metrics of sequences on ${backend}`, () => {
    const test = (name: string, program: () => void) =>
      it.effect(name, () => Effect.provide(leavesNoTensor(Backend.tensors("metrics", program)), backendLayer))

    test("are the same over a whole set and over shards of any size, in any grouping", () => {
      const expected = references.map(([first]) => first!.concat(first!)),
        found = expected.map((row, i) => row.map((token, j) => (i + j) % 5 === 0 ? 9 : token).slice(i % 3))
      const metrics: ReadonlyArray<Metric> = [Metrics.errorRate(), Metrics.bleu()]
      const edits = expected.reduce((sum, row, i) => sum + Metrics.editDistance(found[i]!, row), 0)
      const wanted = [
        edits / expected.flat().length,
        Metrics.bleuScore(found, expected.map((row) => [row]))
      ]
      assert.isAbove(wanted[1]!, 0.1)
      metrics.forEach((metric, i) => {
        const part = (from: number, to: number) =>
          metric.measure(tokens(...found.slice(from, to)), tokens(...expected.slice(from, to)))
        for (const cuts of [[0, 9], [0, 1, 9], [0, 3, 4, 8, 9], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
          const parts = cuts.slice(1).map((to, j) => part(cuts[j]!, to))
          assert.approximately(Metrics.compute(metric, parts), wanted[i]!, 1e-12)
        }
        const nested = (merge: Metric["merge"]): Metric["merge"] => (a, b) => merge(merge(a, b), merge(b, a))
        const twice = { ...metric, merge: nested(metric.merge) }
        const [a, b] = [part(0, 4), part(4, 9)]
        assert.approximately(Metrics.compute(twice, [a, b]), Metrics.compute(metric, [a, b, b, a]), 1e-12)
      })
    })

    test("take scores, masks, weights and what does not count", () => {
      const rows = [[1, 1, 0, 2], [2, 0, 2, 2]], target = tokens([1, 2], [2, 2, 2])
      const scores = tf.oneHot(tokens(...rows), 3), mask = tf.tensor2d([[1, 1, 1, 1], [1, 1, 0, 0]])
      const rate = (options: Metrics.ErrorRateOptions, x: Tensor | Layers.Masked, weight?: Tensor) => {
        const metric = Metrics.errorRate(options)
        return Metrics.compute(metric, [metric.measure(x, target, weight)])
      }
      assert.strictEqual(rate({}, scores), (2 + 1) / 5)
      assert.strictEqual(rate({ blank: 0 }, scores), (0 + 1) / 5)
      assert.strictEqual(rate({ blank: 0 }, { x: scores, mask }), (0 + 2) / 5)
      assert.strictEqual(rate({ blank: 0 }, { x: tokens(...rows), mask }, tf.tensor1d([1, 0.5])), 1 / 3.5)
      assert.strictEqual(rate({ blank: 0 }, scores, tf.tensor1d([1, 0])), 0)
      const other = Metrics.errorRate({ ignoreIndex: 2 })
      assert.strictEqual(Metrics.compute(other, [other.measure(tokens([1], [5]), tokens([1, 2], [2, 2]))]), 1)
    })

    test("say what they expect", () => {
      assert.throws(
        () => Metrics.bleu().measure(tf.zeros([2]), tokens([1], [1])),
        RangeError,
        "bleu expects tokens [batch, time] or scores [batch, time, classes], and targets [batch, length], got [2] and [2, 1]"
      )
      assert.throws(
        () => Metrics.errorRate().measure({ x: tokens([1], [1]), mask: tf.ones([2]) }, tokens([1], [1])),
        RangeError,
        "errorRate expects a mask [2, 1], got [2]"
      )
      assert.throws(
        () => Metrics.errorRate({ ignoreIndex: 0.5 }),
        RangeError,
        "errorRate: ignoreIndex is an integer, got 0.5"
      )
    })

    test("bits are those of the cross entropy", () => {
      const x = randomTensor(1, [2, 3, 4]), y = tokens([1, 2, 0], [3]), compute = Metrics.compute
      const entropies = Losses.softmaxCrossEntropy(x, y, { ignoreIndex: -1 })
      const nats = tf.sum(tf.mul(entropies.values, entropies.weight)).dataSync()[0]!
      const perToken = Metrics.bitsPerToken({ ignoreIndex: -1 })
      assert.approximately(compute(perToken, [perToken.measure(x, y)]), nats / Math.LN2 / 4, 1e-5)
      const perCharacter = Metrics.bitsPerCharacter({ lengths: [5, 1, 2, 7], ignoreIndex: -1 })
      assert.approximately(compute(perCharacter, [perCharacter.measure(x, y)]), nats / Math.LN2 / 15, 1e-5)
      const parts = [0, 1].map((row) =>
        perCharacter.measure(tf.slice(x, [row, 0, 0], [1, 3, 4]), tf.slice(y, [row, 0], [1, 3]))
      )
      assert.approximately(compute(perCharacter, parts), nats / Math.LN2 / 15, 1e-5)
      const mask = tf.tensor2d([[1, 1, 1], [1, 0, 0]]), masked = Metrics.masked(perCharacter)
      assert.approximately(compute(masked, [masked.measure({ x, mask }, y)]), nats / Math.LN2 / 15, 1e-5)
      // By a loss of hidden states, whose logits are these.
      const table = tf.eye(4), hidden = { hidden: x, table }
      const loss = (p: typeof hidden, t: Tensor) => Losses.linearCrossEntropy(p, t, { ignoreIndex: -1 })
      const perHidden = Metrics.bitsPerCharacter({ lengths: [5, 1, 2, 7], loss }),
        ofHidden = Metrics.bitsPerToken({ loss })
      assert.approximately(compute(perHidden, [perHidden.measure(hidden, y)]), nats / Math.LN2 / 15, 1e-5)
      assert.approximately(compute(ofHidden, [ofHidden.measure(hidden, y)]), nats / Math.LN2 / 4, 1e-5)
      const perplexity = Metrics.perplexity({ loss })
      assert.approximately(compute(perplexity, [perplexity.measure(hidden, y)]), Math.exp(nats / 4), 1e-4)
      assert.throws(
        () => perCharacter.measure(randomTensor(1, [2, 3, 5]), y),
        RangeError,
        "bitsPerCharacter expects logits [..., 4], by its lengths, and class indices, got [2, 3, 5] and [2, 3]"
      )
      assert.throws(
        () => Metrics.bitsPerCharacter({ lengths: [1, -1] }),
        RangeError,
        "bitsPerCharacter: lengths are one or more numbers of 0 or more, got [1, -1]"
      )
    })
  })
}
