import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Metrics } from "effect-neuron"

const step = (step: number, epoch: number, size: number, loss: number, endOfEpoch = false) => ({
  step,
  epoch,
  size,
  endOfEpoch,
  loss,
  accuracy: loss / 10
})

const steps = [
  step(1, 0, 4, 1),
  step(2, 0, 4, 2),
  step(3, 0, 2, 6, true),
  step(4, 1, 4, 3),
  step(5, 1, 1, 8, true),
  step(6, 2, 2, 5)
]

const losses = (elements: ReadonlyArray<{ readonly loss: number }>) => elements.map(({ loss }) => loss)

describe("Metrics.running", () => {
  it.effect("gives the weighted mean since the start of the epoch", () =>
    Effect.gen(function*() {
      const seen = yield* Stream.runCollect(Metrics.running(Stream.fromIterable(steps)))
      assert.deepStrictEqual(losses(seen), [1, 1.5, 2.4, 3, 4, 5])
      assert.closeTo(seen[2]!.accuracy, 0.24, 1e-15)
      assert.deepStrictEqual(seen.map(({ size }) => size), [4, 4, 2, 4, 1, 2])
      assert.deepStrictEqual(seen.map(({ endOfEpoch }) => endOfEpoch), steps.map(({ endOfEpoch }) => endOfEpoch))
    }))

  it.effect("starts afresh after an end, each time it is run, and when the epoch changes without an end", () =>
    Effect.gen(function*() {
      const repeated = Metrics.running(Stream.make(step(1, 0, 1, 2, true), step(2, 0, 1, 4)))
      assert.deepStrictEqual(losses(yield* Stream.runCollect(repeated)), [2, 4])
      const stream = Metrics.running(Stream.make(step(1, 0, 1, 2), step(2, 1, 1, 4)))
      assert.deepStrictEqual(losses(yield* Stream.runCollect(stream)), [2, 4])
      assert.deepStrictEqual(losses(yield* Stream.runCollect(stream)), [2, 4])
    }))

  it.effect("keeps NaN until the epoch ends, and leaves out a batch of no examples", () =>
    Effect.gen(function*() {
      const stream = Stream.make(
        step(1, 0, 1, 1),
        step(2, 0, 1, NaN),
        step(3, 0, 1, 1, true),
        step(4, 1, 2, 7),
        step(5, 1, 0, NaN)
      )
      assert.deepStrictEqual(losses(yield* Stream.runCollect(Metrics.running(stream))), [1, NaN, NaN, 7, 7])
    }))

  it.effect("passes on what is no number", () =>
    Effect.gen(function*() {
      const stream = Stream.make({ ...step(1, 0, 1, 1), phase: "critic" }, { ...step(2, 0, 1, 3), phase: "generator" })
      const seen = yield* Stream.runCollect(Metrics.running(stream))
      assert.deepStrictEqual(seen.map(({ phase }) => phase), ["critic", "generator"])
    }))
})

describe("Metrics.perEpoch", () => {
  it.effect("gives the weighted mean of each epoch, and of the one that is broken off", () =>
    Effect.gen(function*() {
      const epochs = yield* Stream.runCollect(Metrics.perEpoch(Stream.fromIterable(steps)))
      assert.deepStrictEqual(losses(epochs), [2.4, 4, 5])
      assert.deepStrictEqual(
        epochs.map(({ endOfEpoch, epoch, size, step }) => ({ step, epoch, size, endOfEpoch })),
        [
          { step: 3, epoch: 0, size: 10, endOfEpoch: true },
          { step: 5, epoch: 1, size: 5, endOfEpoch: true },
          { step: 6, epoch: 2, size: 2, endOfEpoch: false }
        ]
      )
    }))

  it.effect("emits before the next step is pulled", () =>
    Effect.gen(function*() {
      const order: Array<string> = []
      yield* Stream.fromIterable(steps, { chunkSize: 1 }).pipe(
        Stream.tap(({ step }) => Effect.sync(() => order.push(`step ${step}`))),
        Metrics.perEpoch(),
        Stream.tap(({ epoch }) => Effect.sync(() => order.push(`epoch ${epoch}`))),
        Stream.take(2),
        Stream.runDrain
      )
      assert.deepStrictEqual(order, ["step 1", "step 2", "step 3", "epoch 0", "step 4", "step 5", "epoch 1"])
    }))

  it.effect("gives nothing for an empty stream, and no broken-off epoch when the last one ended", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Stream.runCollect(Metrics.perEpoch(Stream.empty)), [])
      const ended = Stream.fromIterable(steps.slice(0, 5))
      assert.deepStrictEqual(losses(yield* Stream.runCollect(Metrics.perEpoch(ended))), [2.4, 4])
    }))

  it.effect("closes an epoch when the next one begins without an end", () =>
    Effect.gen(function*() {
      const stream = Stream.make(step(1, 0, 1, 2), step(2, 1, 1, 4, true))
      assert.deepStrictEqual(losses(yield* Stream.runCollect(Metrics.perEpoch(stream))), [2, 4])
    }))

  it.effect("gives the broken-off epoch ahead of a failure", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const failure = yield* Stream.fromIterable(steps.slice(0, 2)).pipe(
        Stream.concat(Stream.fail("broken")),
        Metrics.perEpoch(),
        Stream.runForEach(({ loss }) => Effect.sync(() => seen.push(loss))),
        Effect.flip
      )
      assert.strictEqual(failure, "broken")
      assert.deepStrictEqual(seen, [1.5])
    }))

  it.effect("is exact over a million examples in steps of one", () =>
    Effect.gen(function*() {
      const stream = Stream.range(1, 200_000).pipe(Stream.map((n) => step(n, 0, 5, n % 2 === 0 ? 0.1 : 1e-3)))
      const [epoch] = yield* Stream.runCollect(Metrics.perEpoch(stream))
      assert.closeTo(epoch!.loss, 0.0505, 1e-12)
      assert.strictEqual(epoch!.size, 1_000_000)
    }))

  it.effect("is NaN when there is no example", () =>
    Effect.gen(function*() {
      const [epoch] = yield* Stream.runCollect(Metrics.perEpoch(Stream.make(step(1, 0, 0, NaN, true))))
      assert.deepStrictEqual(epoch, { ...step(1, 0, 0, NaN, true) })
    }))
})
