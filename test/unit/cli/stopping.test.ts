import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { stopping } from "../../../src/cli/stopping.ts"

/** A training whose step is in hand until `step` is done, what has become of it, and its interruption. */
const interrupted = (impatience: Effect.Effect<void>) =>
  Effect.gen(function*() {
    const began = yield* Deferred.make<void>(), step = yield* Deferred.make<void>(), seen: Array<string> = []
    const training = (isStopping: () => boolean) =>
      Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(step)).pipe(
        Effect.onExit((exit) => Effect.sync(() => seen.push(`${exit._tag}, stopping ${isStopping()}`)))
      )
    const fiber = yield* Effect.forkChild(stopping(training, impatience), { startImmediately: true })
    yield* Deferred.await(began)
    const ending = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
    yield* Effect.yieldNow
    return { seen, step, end: Effect.andThen(Fiber.join(ending), Fiber.await(fiber)) }
  })

describe("stopping", () => {
  it.effect("lets a step end that is in hand when a training is interrupted", () =>
    Effect.gen(function*() {
      const { end, seen, step } = yield* interrupted(Effect.never)
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(seen, [])
      yield* Deferred.succeed(step, undefined)
      assert.isTrue(Exit.hasInterrupts(yield* end))
      assert.deepStrictEqual(seen, ["Success, stopping true"])
    }))

  it.effect("gives up a step that does not end in ten seconds: examples that never come", () =>
    Effect.gen(function*() {
      const { end, seen } = yield* interrupted(Effect.never)
      yield* TestClock.adjust("10 seconds")
      yield* end
      assert.deepStrictEqual(seen, ["Failure, stopping true"])
    }))

  it.effect("gives it up at once when it is asked for a second time", () =>
    Effect.gen(function*() {
      const second = yield* Deferred.make<void>(), { end, seen } = yield* interrupted(Deferred.await(second))
      assert.deepStrictEqual(seen, [])
      yield* Deferred.succeed(second, undefined)
      yield* end
      assert.deepStrictEqual(seen, ["Failure, stopping true"])
    }))
})
