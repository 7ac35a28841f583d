import { ready, setBackend } from "@tensorflow/tfjs-core"
import { Effect, Semaphore } from "effect"
import { BackendError } from "../core/errors.ts"
import { Backend } from "./Backend.ts"
import { core } from "./core.ts"
import { install, start } from "./registry.ts"

// TensorFlow.js starts one backend at a time: of two that start together, the earlier one is told that it failed.
const oneAtATime = /* @__PURE__ */ Semaphore.makeUnsafe(1)

/**
 * Loads a backend of TensorFlow.js, puts the kernels of this package in their places, and makes it the one in force.
 * `unavailable` says what may be wrong when TensorFlow.js refuses, which it does without a reason. `accelerate` adds what
 * the backend also works without: when it fails, a warning says so, once.
 */
export const activate = (
  name: string,
  load: () => Promise<unknown>,
  unavailable: string,
  accelerate: () => Promise<void> = () => Promise.resolve()
): Effect.Effect<Backend["Service"], BackendError> =>
  Effect.tryPromise({
    try: async () => {
      install(core)
      await load()
      start(name)
      if (!(await setBackend(name))) throw new Error(unavailable)
      await ready()
      return Backend.of({ name })
    },
    catch: (cause) => new BackendError({ backend: name, cause })
  }).pipe(
    Effect.tap(Effect.catch(Effect.tryPromise(accelerate), (error) => warnOnce(name, error))),
    Effect.uninterruptible,
    oneAtATime.withPermits(1)
  )

let warned = false
const warnOnce = (name: string, { cause }: { readonly cause?: unknown }): Effect.Effect<void> => {
  if (warned) return Effect.void
  warned = true
  return Effect.logWarning(`the fast kernels of the ${name} backend could not be loaded, slower ones serve: ${cause}`)
}
