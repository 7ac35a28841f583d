import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Datasets, Key, Random } from "effect-neuron"
import { noiseBatch } from "../../../src/datasets/noise.ts"

const take = (options: Parameters<typeof Datasets.noise>[0], n: number) =>
  Effect.map(
    Datasets.noise(options).pipe(Stream.take(n), Stream.runCollect),
    (examples) => examples.map(({ x }) => ({ shape: x.shape, data: Array.from(x.data) }))
  )

describe("noise", () => {
  it.effect("draws each example with the key of its index, past the end of a chunk", () =>
    Effect.gen(function*() {
      const examples = yield* take({ shape: [2, 3], seed: 7 }, 200)
      examples.forEach(({ data, shape }, i) => {
        assert.deepStrictEqual(shape, [2, 3])
        assert.deepStrictEqual(data, Array.from(Random.normal(Key.fold(Key.make(7), i), 6)), `example ${i}`)
      })
      assert.strictEqual(new Set(examples.map(({ data }) => data.join())).size, 200)
    }))

  it.effect("draws with the sampler, and another seed gives other examples", () =>
    Effect.gen(function*() {
      const sampler = (key: Key.Key, n: number) => Random.uniform(key, n, { low: 2, high: 3 })
      const some = yield* take({ shape: [8], seed: 1, sampler }, 50)
      assert.isTrue(some.every(({ data }) => data.every((x) => x >= 2 && x < 3)))
      assert.notDeepEqual(some, yield* take({ shape: [8], seed: 2, sampler }, 50))
    }))

  it.effect("starts from any example", () =>
    Effect.gen(function*() {
      const all = yield* take({ shape: [3], seed: 5 }, 160)
      for (const from of [0, 1, 63, 64, 65, 100]) {
        assert.deepStrictEqual(yield* take({ shape: [3], seed: 5, from }, 60), all.slice(from, from + 60), `${from}`)
      }
    }))

  it.effect("is of numbers of the normal distribution, by default", () =>
    Effect.gen(function*() {
      const numbers = (yield* take({ shape: [10], seed: 3 }, 1000)).flatMap(({ data }) => data)
      const mean = numbers.reduce((a, b) => a + b) / numbers.length
      const square = numbers.reduce((a, b) => a + b * b, 0) / numbers.length
      // Four standard errors of the two, of 10,000 numbers.
      assert.isBelow(Math.abs(mean), 0.04)
      assert.isBelow(Math.abs(square - 1), 4 * Math.SQRT2 / 100)
    }))

  it.effect("in a batch is what the stream gives", () =>
    Effect.gen(function*() {
      const examples = yield* take({ shape: [2], seed: 9 }, 70)
      const { data, shape } = noiseBatch({ shape: [2] }, 70, Key.make(9))
      assert.deepStrictEqual(shape, [70, 2])
      assert.deepStrictEqual(Array.from(data), examples.flatMap(({ data }) => data))
    }))

  it("throws for a start that is no integer from 0", () => {
    for (const from of [-1, 0.5, NaN]) {
      assert.throws(
        () => Datasets.noise({ shape: [1], seed: 1, from }),
        RangeError,
        `from is an integer of at least 0, got ${from}`
      )
    }
  })
})
