import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { NdArray, Pipeline } from "effect-neuron"

const numbers = (n: number, chunk = 4096) =>
  Stream.range(0, n - 1).pipe(Stream.rechunk(chunk), Stream.map((i) => ({ n: i })))

const failure = <A, E extends { readonly message: string }>(stream: Stream.Stream<A, E>) =>
  Effect.map(Effect.flip(Stream.runDrain(stream)), (error) => error.message)

describe("epochs", () => {
  it.effect("numbers the passes and marks the last element of each, whatever the chunks are", () =>
    Effect.gen(function*() {
      const expected = [0, 1].flatMap((epoch) =>
        Array.from({ length: 7 }, (_, n) => ({ n, epoch, endOfEpoch: n === 6 }))
      )
      for (const chunk of [1, 3, 7, 4096]) {
        assert.deepStrictEqual(yield* Stream.runCollect(numbers(7, chunk).pipe(Pipeline.epochs(2))), expected)
      }
    }))

  it.effect("after a skip gives what would have come without it", () =>
    Effect.gen(function*() {
      const batches = Stream.range(0, 99).pipe(
        Stream.map((i) => ({ x: NdArray.index(i) })),
        Pipeline.shuffle({ buffer: 20, seed: 3 }),
        Pipeline.batch(16)
      )
      const whole = yield* Stream.runCollect(batches.pipe(Pipeline.epochs(3)))
      assert.strictEqual(whole.length, 21)
      for (const skip of [0, 1, 6, 7, 8, 13, 14, 20, 21, 30]) {
        for (const options of [{ skip }, { skip, length: 7 }]) {
          const rest = yield* Stream.runCollect(batches.pipe(Pipeline.epochs(3, options)))
          assert.deepStrictEqual(rest, whole.slice(skip), JSON.stringify(options))
        }
      }
    }))

  it.effect("skips the same on every run of one stream", () =>
    Effect.gen(function*() {
      const stream = numbers(3).pipe(Pipeline.epochs(2, { skip: 4 }))
      assert.deepStrictEqual(yield* Stream.runCollect(stream), yield* Stream.runCollect(stream))
    }))

  it.effect("does not run passes that are skipped whole if it knows their length", () =>
    Effect.gen(function*() {
      const ran: Array<number> = []
      const source = Stream.fromEffect(Effect.service(Pipeline.Epoch)).pipe(
        Stream.tap((epoch) => Effect.sync(() => ran.push(epoch))),
        Stream.flatMap(() => numbers(4))
      )
      yield* Stream.runDrain(source.pipe(Pipeline.epochs(4, { skip: 9, length: 4 })))
      assert.deepStrictEqual(ran, [2, 3])
    }))

  it.effect("runs for ever if told to", () =>
    Effect.gen(function*() {
      const last = yield* Stream.runLast(numbers(3).pipe(Pipeline.epochs(Infinity), Stream.take(3001)))
      assert.deepStrictEqual(last, Option.some({ n: 0, epoch: 1000, endOfEpoch: false }))
    }))

  it.effect("sets the epoch for a pass that is prefetched by another fiber", () =>
    Effect.gen(function*() {
      const source = Stream.fromEffect(Effect.map(Effect.service(Pipeline.Epoch), (seen) => ({ seen })))
      const run = yield* Stream.runCollect(source.pipe(Pipeline.prefetch(2), Pipeline.epochs(3), Pipeline.prefetch(2)))
      assert.deepStrictEqual(run.map(({ seen }) => seen), [0, 1, 2])
      assert.strictEqual(yield* Effect.service(Pipeline.Epoch), 0)
    }))

  it.effect("runs no pass for a count of 0", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Stream.runCollect(numbers(3).pipe(Pipeline.epochs(0))), [])
    }))

  it.effect("fails on a pass without elements", () =>
    Effect.gen(function*() {
      const empty: Stream.Stream<{ n: number }> = Stream.empty
      assert.strictEqual(
        yield* failure(empty.pipe(Pipeline.epochs(Infinity))),
        "Pipeline.epochs: expected elements in epoch 0, found an empty stream"
      )
    }))

  it.effect("fails when the length was wrong, which would resume at another place", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure(numbers(3).pipe(Pipeline.epochs(2, { length: 4 }))),
        "Pipeline.epochs: expected 4 elements in epoch 0, as length says, found 3"
      )
    }))

  it("refuses options that are none", () => {
    const refuses = (count: number, options: Pipeline.EpochsOptions, message: string) =>
      assert.throws(() => Pipeline.epochs(count, options), RangeError, `Pipeline.epochs: ${message}`)
    refuses(-1, {}, "count is an integer of at least 0, got -1")
    refuses(NaN, {}, "count is an integer of at least 0, got NaN")
    refuses(1, { skip: 0.5 }, "skip is an integer of at least 0, got 0.5")
    refuses(1, { length: 0 }, "length is a positive integer, got 0")
  })

  it.effect("refuses a batch of no examples", () =>
    Effect.gen(function*() {
      const source = Stream.make({ size: 4 }, { size: 0 })
      assert.strictEqual(
        yield* failure(source.pipe(Pipeline.epochs(1))),
        "Pipeline.epochs: expected at least one example in batch 1 of epoch 0, found a batch of size 0"
      )
    }))

  it.effect("passes a failure of its source on, after what came before it", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const failing = Stream.concat(numbers(3, 1), Stream.fail({ message: "broken" }))
      const run = failing.pipe(Pipeline.epochs(2), Stream.tap(({ n }) => Effect.sync(() => seen.push(n))))
      assert.strictEqual(yield* failure(run), "broken")
      assert.deepStrictEqual(seen, [0, 1])
    }))
})
