import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Metrics } from "effect-neuron"
import { TestClock } from "effect/testing"

/** Steps that take the given time each. */
const steps = (...taken: ReadonlyArray<readonly [size: number, seconds: number]>) =>
  Stream.fromIterable(taken, { chunkSize: 1 }).pipe(
    Stream.mapEffect(([size, seconds], i) => Effect.as(TestClock.adjust(seconds * 1000), { step: i + 1, size }))
  )

const ratesOf = <E, R>(stream: Stream.Stream<{ readonly examplesPerSecond: number }, E, R>) =>
  Effect.map(Stream.runCollect(stream), (seen) => seen.map(({ examplesPerSecond }) => examplesPerSecond))

const assertRates = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>) => {
  assert.strictEqual(found.length, expected.length)
  expected.forEach((rate, i) => assert.closeTo(found[i]!, rate, 1e-9 * rate, `step ${i + 1}`))
}

describe("Metrics.throughput", () => {
  it.effect("gives a steady rate exactly, from the first step on, and keeps what there is", () =>
    Effect.gen(function*() {
      const seen = yield* Stream.runCollect(Metrics.throughput(steps([64, 0.5], [64, 0.5], [32, 0.25], [64, 0.5])))
      assertRates(seen.map(({ examplesPerSecond }) => examplesPerSecond), [128, 128, 128, 128])
      assert.deepStrictEqual(seen.map(({ size, step }) => [step, size]), [[1, 64], [2, 64], [3, 32], [4, 64]])
    }))

  it.effect("weighs what is older by one window with 1/e", () =>
    Effect.gen(function*() {
      const taken = [[100, 2], [50, 2]] as const
      const e = Math.exp(-2 / 2)
      assertRates(yield* ratesOf(steps(...taken).pipe(Metrics.throughput({ window: "2 seconds" }))), [
        50,
        (100 * e + 50) / (2 * e + 2)
      ])
      const five = Math.exp(-2 / 5)
      assertRates(yield* ratesOf(steps(...taken).pipe(Metrics.throughput())), [
        50,
        (100 * five + 50) / (2 * five + 2)
      ])
    }))

  it.effect("follows a change of pace, and over a window without end is the rate since the start", () =>
    Effect.gen(function*() {
      const slower = Array.from({ length: 40 }, (_, i) => [10, i < 20 ? 0.1 : 0.4] as const)
      const followed = yield* ratesOf(steps(...slower).pipe(Metrics.throughput({ window: "1 second" })))
      assert.closeTo(followed[19]!, 100, 1e-9)
      assert.closeTo(followed[39]!, 25, 0.1)
      const overall = yield* ratesOf(steps(...slower).pipe(Metrics.throughput({ window: "Infinity" })))
      assertRates(overall.slice(-1), [400 / (20 * 0.1 + 20 * 0.4)])
    }))

  it.effect("counts from the start of the stream, each time it is run, and what the consumer takes", () =>
    Effect.gen(function*() {
      const stream = steps([10, 1], [10, 1]).pipe(Metrics.throughput({ window: "Infinity" }))
      yield* TestClock.adjust("1 hour")
      assertRates(yield* ratesOf(stream), [10, 10])
      assertRates(yield* ratesOf(stream), [10, 10])
      assertRates(yield* ratesOf(Stream.tap(stream, () => TestClock.adjust("2 seconds"))), [10, 5])
    }))

  it.effect("is NaN as long as no time has passed", () =>
    Effect.gen(function*() {
      const rates = yield* ratesOf(steps([10, 0], [10, 0], [10, 3]).pipe(Metrics.throughput()))
      assert.deepStrictEqual(rates.slice(0, 2), [NaN, NaN])
      assertRates(rates.slice(2), [(20 * Math.exp(-3 / 5) + 10) / 3])
    }))

  it("refuses a window that is not above 0", () => {
    assert.throws(
      () => Metrics.throughput({ window: 0 }),
      RangeError,
      "throughput: window must be above 0, got 0 seconds"
    )
  })
})
