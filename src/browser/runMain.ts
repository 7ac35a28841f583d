import { Cause, Effect, References } from "effect"
import type { Fiber } from "effect"
import { layerScheduler } from "./layerScheduler.ts"

const report = (cause: Cause.Cause<unknown>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.void
    : Effect.provideService(Effect.logError(cause), References.LogToStderr, true)

/**
 * Runs the program of a page or of a worker, and gives its fiber. It is `Effect.runFork` with what a page needs: a
 * failure is logged, as an error on the console, where `runFork` is silent; fibers take turns by messages ({@link
 * layerScheduler}), so that a training is as fast in a page that is hidden; and the program is interrupted when its
 * page is left for good.
 *
 * @example
 * ```ts no-run
 * import { Effect, Fiber } from "effect"
 * import { Backend } from "effect-neuron"
 * import * as Browser from "effect-neuron/browser"
 *
 * const program = Effect.log("training")
 * const fiber = Browser.runMain(Effect.provide(program, Backend.layerWasm))
 * document.querySelector("#stop")?.addEventListener("click", () => Effect.runFork(Fiber.interrupt(fiber)))
 * ```
 */
export const runMain = <A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> => {
  const fiber = Effect.runFork(Effect.provide(Effect.tapCause(effect, report), layerScheduler))
  // A page that only sleeps, so that one can go back to it, goes on.
  const leave = (event: Event) => {
    if (!(event as PageTransitionEvent).persisted) fiber.interruptUnsafe()
  }
  globalThis.addEventListener("pagehide", leave)
  fiber.addObserver(() => globalThis.removeEventListener("pagehide", leave))
  return fiber
}
