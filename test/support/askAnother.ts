import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

/**
 * What a question comes to that another worker has to answer, which is started a second after the last one was lost.
 */
export const askAnother = <A, E>(question: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    const asking = yield* Effect.forkChild(question, { startImmediately: true })
    yield* TestClock.adjust("1 second")
    return yield* Fiber.join(asking)
  })
