import { Effect, Fiber } from "effect"

// Whoever waits for examples that do not come does not wait for ever.
const GRACE = "10 seconds"

/** The next signal that ends this process: a second Ctrl-C. */
const nextSignal: Effect.Effect<void> = Effect.callback((resume) => {
  const end = () => resume(Effect.void), signals = ["SIGINT", "SIGTERM", "SIGHUP"]
  for (const signal of signals) process.on(signal, end)
  return Effect.sync(() => {
    for (const signal of signals) process.off(signal, end)
  })
})

/**
 * Runs a training in such a way that an interruption lets it end its step, with all that belongs to the step, a
 * validation, a picture, a line of the record: `isStopping` says when it is to end. A step that does not end within ten
 * seconds, or before somebody is out of patience, by default at a second signal, is given up.
 */
export const stopping = <A, E, R>(
  training: (isStopping: () => boolean) => Effect.Effect<A, E, R>,
  impatience: Effect.Effect<void> = nextSignal
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      let ending = false
      const fiber = yield* Effect.forkDetach(restore(training(() => ending)))
      return yield* restore(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() =>
          Effect.gen(function*() {
            ending = true
            const patience = Effect.raceFirst(Effect.sleep(GRACE), impatience)
            const cut = Effect.andThen(patience, Effect.sync(() => fiber.interruptUnsafe()))
            const waiting = yield* Effect.forkDetach(Effect.interruptible(cut))
            yield* Fiber.await(fiber)
            yield* Fiber.interrupt(waiting)
          })
        )
      )
    })
  )
