import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Key, Pipeline, Random } from "effect-neuron"

const numbers = (n: number, chunk = 4096) => Stream.range(0, n - 1).pipe(Stream.rechunk(chunk))
const ascending = (n: number) => Array.from({ length: n }, (_, i) => i)

/** The algorithm as a plain loop, one element at a time. */
const reference = (n: number, buffer: number, seed: number, epoch: number): Array<number> => {
  const next = Random.generator(Key.fold(Key.make(seed), epoch))
  const held: Array<number> = [], out: Array<number> = []
  for (let i = 0; i < n; i++) {
    if (held.length < buffer) held.push(i)
    else out.push(held.splice(Math.floor(next() * buffer), 1, i)[0]!)
  }
  while (held.length > 0) {
    const place = Math.floor(next() * held.length)
    out.push(held[place]!)
    held[place] = held.at(-1)!
    held.pop()
  }
  return out
}

describe("shuffle", () => {
  it.effect("is the reference algorithm, whatever the chunks are", () =>
    Effect.gen(function*() {
      for (const n of [1, 2, 17, 300]) {
        for (const buffer of [1, 2, 16, 299, 300, 5000]) {
          for (const chunk of [1, 3, 64, 4096]) {
            const order = yield* Stream.runCollect(numbers(n, chunk).pipe(Pipeline.shuffle({ buffer, seed: 5 })))
            assert.deepStrictEqual(order, reference(n, buffer, 5, 0), `n ${n}, buffer ${buffer}, chunk ${chunk}`)
          }
        }
      }
    }))

  it.effect("gives a permutation that differs by seed and not by run", () =>
    Effect.gen(function*() {
      const run = (seed: number) => Stream.runCollect(numbers(500).pipe(Pipeline.shuffle({ buffer: 50, seed })))
      const first = yield* run(1), again = yield* run(1), other = yield* run(2)
      assert.deepStrictEqual(first, again)
      assert.notDeepEqual(first, other)
      assert.notDeepEqual(first, ascending(500))
      assert.deepStrictEqual([...first].sort((a, b) => a - b), ascending(500))
    }))

  it.effect("gives each epoch an order of its own, the same when the epochs are run again", () =>
    Effect.gen(function*() {
      const epochs = numbers(200).pipe(
        Stream.map((n) => ({ n })),
        Pipeline.shuffle({ buffer: 30, seed: 9 }),
        Pipeline.epochs(3)
      )
      const first = yield* Stream.runCollect(epochs), again = yield* Stream.runCollect(epochs)
      assert.deepStrictEqual(first, again)
      for (const epoch of [0, 1, 2]) {
        const order = first.filter((element) => element.epoch === epoch).map(({ n }) => n)
        assert.deepStrictEqual(order, reference(200, 30, 9, epoch))
      }
    }))

  it.effect("makes every order of a few elements about equally likely", () =>
    Effect.gen(function*() {
      const counts = new Map<string, number>()
      for (let seed = 0; seed < 6000; seed++) {
        const order = (yield* Stream.runCollect(numbers(3).pipe(Pipeline.shuffle({ buffer: 3, seed })))).join("")
        counts.set(order, (counts.get(order) ?? 0) + 1)
      }
      assert.strictEqual(counts.size, 6)
      // Five standard deviations of a binomial count of mean 1000.
      for (const count of counts.values()) assert.isBelow(Math.abs(count - 1000), 145)
    }))

  it.effect("holds no more than its buffer: it emits as soon as that is full", () =>
    Effect.gen(function*() {
      let pulled = 0
      const source = numbers(1000, 10).pipe(Stream.map((n) => (pulled++, n)))
      yield* Stream.runDrain(source.pipe(Pipeline.shuffle({ buffer: 40, seed: 1 }), Stream.take(1)))
      assert.isAtMost(pulled, 50)
    }))

  it.effect("takes an empty stream", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* Stream.runCollect(Stream.empty.pipe(Pipeline.shuffle({ buffer: 4, seed: 1 }))),
        []
      )
    }))

  it.effect("passes a failure of its source on", () =>
    Effect.gen(function*() {
      const failing = Stream.concat(numbers(10), Stream.fail("broken" as const))
      assert.strictEqual(
        yield* Effect.flip(Stream.runDrain(failing.pipe(Pipeline.shuffle({ buffer: 4, seed: 1 })))),
        "broken"
      )
    }))

  it("refuses a buffer and a seed that are none", () => {
    const refuses = (options: Pipeline.ShuffleOptions, message: string) =>
      assert.throws(() => Pipeline.shuffle(options), RangeError, `Pipeline.shuffle: ${message}`)
    refuses({ buffer: 0, seed: 1 }, "buffer is a positive integer, got 0")
    refuses({ buffer: 2, seed: -1 }, "seed is an integer of at least 0, got -1")
  })
})
