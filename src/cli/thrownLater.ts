import { Cause, Context, Effect, Runtime } from "effect"
import { render } from "./runFolder.ts"

/** Why a program is interrupted, where something was thrown beside it: the file of an experiment may have timers. */
export const ThrownLater = Context.Reference<{ readonly reason: () => string | undefined }>(
  "effect-neuron/cli/ThrownLater",
  { defaultValue: () => ({ reason: () => undefined }) }
)

/**
 * What this process does with what is thrown beside its program: it says it in one line, interrupts the program, so that
 * a run is saved, and ends with 1. What is thrown afterwards ends it at once.
 */
export const thrownLater = (verbose: boolean) => {
  let reason: string | undefined, end = (): void => process.exit(1)
  process.on("uncaughtException", (thrown) => {
    const cause = Cause.die(thrown), isFirst = reason === undefined
    process.stderr.write(`${render(cause, verbose)}\n`)
    reason ??= render(cause, false)
    if (isFirst) end()
    else process.exit(1)
  })
  return {
    /** Has it interrupt a program, as long as that runs. */
    ending: <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.withFiber((fiber) => {
        const exit = end
        end = () => fiber.interruptUnsafe(fiber.id)
        return program.pipe(
          Effect.ensuring(Effect.sync(() => {
            end = exit
          })),
          Effect.provideService(ThrownLater, { reason: () => reason })
        )
      }),
    /** The exit code of the process. */
    teardown:
      ((exit, onExit) =>
        Runtime.defaultTeardown(exit, (code) => onExit(reason === undefined ? code : 1))) satisfies Runtime.Teardown
  }
}
