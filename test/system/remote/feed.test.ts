import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { make } from "../../../src/remote/feed.ts"
import type { Point } from "../../../src/remote/wire.ts"

const point = (step: number, size = 2): Point => ({
  step,
  steps: 1,
  loss: step,
  size,
  epoch: 0,
  endOfEpoch: step === 3
})
const offer = (feed: { readonly offer: (point: Point) => void }, from: number, to: number) => {
  for (let step = from; step <= to; step++) feed.offer(point(step))
}
const spans = (points: ReadonlyArray<Point>) => points.map(({ step, steps }) => [step - steps + 1, step])

describe("a feed", () => {
  it.effect("gives all that is there at once, in order", () =>
    Effect.gen(function*() {
      const feed = make<never>({})
      offer(feed, 1, 3)
      assert.deepStrictEqual(yield* feed.take, [point(1), point(2), point(3)])
      const next = yield* Effect.forkChild(feed.take, { startImmediately: true })
      offer(feed, 4, 4)
      assert.deepStrictEqual(yield* Fiber.join(next), [point(4)])
    }))

  it.effect("merges evenly when it is full, and forgets no step", () =>
    Effect.gen(function*() {
      const feed = make<never>({ capacity: 4 })
      offer(feed, 1, 13)
      assert.deepStrictEqual(spans(feed.waiting()), [[1, 4], [5, 8], [9, 12], [13, 13]])
      offer(feed, 14, 1000)
      assert.isAtMost(feed.waiting().length, 4)
      const taken = yield* feed.take
      assert.deepStrictEqual(spans(taken), [[1, 256], [257, 512], [513, 768], [769, 1000]])
      // Elements are of single steps again once the consumer is there.
      offer(feed, 1001, 1002)
      assert.deepStrictEqual(spans(yield* feed.take), [[1001, 1001], [1002, 1002]])
    }))

  it.effect("keeps what only some steps say, the last of it", () =>
    Effect.gen(function*() {
      const feed = make<never>({ every: 3 })
      for (const step of [1, 2, 3]) feed.offer(step === 2 ? { ...point(step), "validation.loss": 7 } : point(step))
      const [first] = yield* feed.take
      assert.strictEqual(first["validation.loss"], 7)
      assert.strictEqual(first.loss, 2)
    }))

  it.effect("weighs means by the number of examples, and sums that", () =>
    Effect.gen(function*() {
      const feed = make<never>({ every: 3 })
      feed.offer(point(2, 10))
      feed.offer(point(3, 30))
      feed.offer({ ...point(4, 40), epoch: 1, loss: NaN })
      feed.offer({ ...point(5, 0), loss: 1 })
      const [first] = yield* feed.take
      assert.deepStrictEqual(first, { step: 4, steps: 3, loss: NaN, size: 80, epoch: 1, endOfEpoch: true })
      const other = make<never>({ every: 2 })
      for (const step of [1, 2]) other.offer({ step, steps: 1, loss: step })
      other.offer(point(2, 10))
      other.offer(point(3, 30))
      const [unweighted, weighted] = yield* other.take
      assert.deepStrictEqual([unweighted.loss, weighted!.loss, weighted!.size], [1.5, 2.75, 40])
    }))

  it.effect("stays finite for steps without examples", () =>
    Effect.gen(function*() {
      const feed = make<never>({ every: 2 })
      feed.offer(point(1, 0))
      feed.offer(point(2, 0))
      assert.strictEqual((yield* feed.take)[0].loss, 1.5)
    }))

  it.effect("holds back an element of too few steps until there are no more", () =>
    Effect.gen(function*() {
      const feed = make<never>({ every: 2 })
      offer(feed, 1, 5)
      assert.deepStrictEqual(spans(yield* feed.take), [[1, 2], [3, 4]])
      feed.end(Exit.void)
      assert.deepStrictEqual(spans(yield* feed.take), [[5, 5]])
      assert.isTrue(Cause.isDone(yield* Effect.flip(feed.take)))
    }))

  it.effect("ends as what it is of ended, behind what was there", () =>
    Effect.gen(function*() {
      const feed = make<string>({})
      offer(feed, 1, 1)
      feed.end(Exit.fail("broken"))
      assert.deepStrictEqual(spans(yield* feed.take), [[1, 1]])
      assert.strictEqual(yield* Effect.flip(feed.take), "broken")
    }))

  it.effect("that waits is full at its capacity, until it is emptied", () =>
    Effect.gen(function*() {
      const feed = make<never>({ capacity: 2, whenFull: "wait" })
      offer(feed, 1, 1)
      assert.isFalse(feed.isFull())
      offer(feed, 2, 2)
      assert.isTrue(feed.isFull())
      const room = yield* Effect.forkChild(feed.room, { startImmediately: true })
      assert.deepStrictEqual(spans(yield* feed.take), [[1, 1], [2, 2]])
      yield* Fiber.join(room)
      assert.isFalse(feed.isFull())
    }))
})
