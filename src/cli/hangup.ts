import { Effect } from "effect"

// What is written last may fail when the program is over already.
const ignore = () => {}

/**
 * Interrupts a program of this process when nobody is there any more: when its terminal is closed (SIGHUP), and when
 * nobody reads what it prints (`| head -1`). Neither is an error.
 */
export const endingAtHangup = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const { stderr, stdout } = process
    const end = () => fiber.interruptUnsafe(fiber.id)
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        process.on("SIGHUP", end)
        stdout.on("error", end)
        for (const stream of [stdout, stderr]) stream.on("error", ignore)
      }),
      () => program,
      () =>
        Effect.sync(() => {
          process.off("SIGHUP", end)
          stdout.off("error", end)
        })
    )
  })
