import { Effect } from "effect"

// Steps are synchronous and would keep timers, signals and other fibers waiting; a turn of the event loop costs some
// microseconds and brings garbage collection with it, so that one is taken every few milliseconds and not every step.
const SLICE_MILLISECONDS = 8

/** Lets other fibers, timers and signals in between synchronous steps, when enough time has gone by since they were. */
export const breathing = (): Effect.Effect<void> => {
  let sliceStart = performance.now()
  return Effect.suspend(() => {
    const now = performance.now()
    if (now - sliceStart < SLICE_MILLISECONDS) return Effect.void
    return Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => {
        sliceStart = performance.now()
      })
    )
  })
}
