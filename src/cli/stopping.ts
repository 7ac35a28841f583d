import { Effect, Fiber } from "effect"

// Whoever waits for examples that do not come does not wait for ever.
const GRACE = 10_000

/**
 * Runs a training in such a way that an interruption lets it end its step, with all that belongs to the step, a
 * validation, a picture, a line of the record: `isStopping` says when it is to end.
 */
export const stopping = <A, E, R>(
  training: (isStopping: () => boolean) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      let ending = false
      const fiber = yield* Effect.forkDetach(restore(training(() => ending)))
      return yield* restore(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() =>
          Effect.suspend(() => {
            ending = true
            const timer = setTimeout(() => fiber.interruptUnsafe(), GRACE)
            return Effect.ensuring(Fiber.await(fiber), Effect.sync(() => clearTimeout(timer)))
          })
        )
      )
    })
  )
