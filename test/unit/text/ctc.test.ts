import { assert, describe, it } from "@effect/vitest"
import { Key, NdArray, Random, Text } from "effect-neuron"

const [BATCH, TIME, CLASSES] = [3, 5, 3]

const logits = NdArray.make(Random.normal(Key.make(3), BATCH * TIME * CLASSES, { stddev: 1.5 }), [BATCH, TIME, CLASSES])

/** The probability of all labels, by all ways through the steps that are given. */
const enumerated = (example: number, steps: ReadonlyArray<number>, blank: number): Map<string, number> => {
  const rows = steps.map((step) => {
    const at = (example * TIME + step) * CLASSES, row = Array.from(logits.data.subarray(at, at + CLASSES), Math.exp)
    return row.map((x) => x / row.reduce((a, b) => a + b))
  })
  const found = new Map<string, number>()
  const go = (way: ReadonlyArray<number>, p: number): void => {
    if (way.length < rows.length) return rows[way.length]!.forEach((own, label) => go([...way, label], p * own))
    const labels = way.filter((label, i) => label !== blank && label !== way[i - 1]).join()
    found.set(labels, (found.get(labels) ?? 0) + p)
  }
  go([], 1)
  return found
}

describe("decoding of connectionist temporal classification", () => {
  it("finds all labels with their probabilities, the best first, where all are kept", () => {
    for (const blank of [0, 2]) {
      const mask = NdArray.make(Float32Array.of(1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0), [BATCH, TIME])
      Text.ctcBeams(logits, { beams: 1000, blank, mask }).forEach((beams, example) => {
        const steps = [[0, 1, 2, 3, 4], [0, 2, 3], []][example]!, expected = enumerated(example, steps, blank)
        const possible = beams.filter(({ logProbability }) => logProbability > -Infinity)
        assert.strictEqual(possible.length, expected.size)
        for (const { labels, logProbability } of possible) {
          assert.approximately(Math.exp(logProbability), expected.get(labels.join())!, 1e-9)
        }
        const all = possible.map(({ logProbability }) => logProbability)
        assert.deepStrictEqual(all, all.toSorted((a, b) => b - a))
      })
    }
  })

  it("keeps so many beginnings, and finds the best with few", () => {
    const all = Text.ctcBeams(logits, { beams: 1000 }), few = Text.ctcBeams(logits, { beams: 6 })
    few.forEach((beams, example) => {
      assert.lengthOf(beams, 6)
      assert.deepStrictEqual(beams[0]!.labels, all[example]![0]!.labels)
      assert.isAtMost(beams[0]!.logProbability, all[example]![0]!.logProbability + 1e-12)
    })
  })

  it("takes the best alignment greedily", () => {
    const of = (...classes: ReadonlyArray<number>) =>
      NdArray.make([classes.map((c) => [0, 1, 2].map((other) => other === c ? 1 : 0))])
    assert.deepStrictEqual(Text.ctcGreedy(of(1, 1, 0, 1, 2, 2)), [[1, 1, 2]])
    assert.deepStrictEqual(Text.ctcGreedy(of(1, 1, 0, 1, 2, 2), { blank: 2 }), [[1, 0, 1]])
    // Steps that do not count are not there.
    const mask = NdArray.make(Float32Array.of(1, 1, 0, 1, 1, 1), [1, 6])
    assert.deepStrictEqual(Text.ctcGreedy(of(1, 1, 0, 1, 2, 2), { mask }), [[1, 2]])
  })

  it("says what it expects", () => {
    const cases: ReadonlyArray<readonly [message: string, () => unknown]> = [
      ["ctcGreedy expects logits [batch, time, classes], got [2]", () => Text.ctcGreedy(NdArray.make([1, 2]))],
      ["ctcGreedy: blank is a class from 0 to 2, got 3", () => Text.ctcGreedy(logits, { blank: 3 })],
      [
        "ctcBeams expects a mask [3, 5], got [2]",
        () => Text.ctcBeams(logits, { mask: NdArray.make([1, 2]) })
      ],
      ["ctcBeams: beams", () => Text.ctcBeams(logits, { beams: 0 })]
    ]
    for (const [message, f] of cases) assert.throws(f as () => void, message)
  })
})
