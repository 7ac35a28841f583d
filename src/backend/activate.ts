import { ready, setBackend } from "@tensorflow/tfjs-core"
import { Effect, Semaphore } from "effect"
import { BackendError } from "../core/errors.ts"
import { atStart } from "../ops/atStart.ts"
import { Backend } from "./Backend.ts"
import { install, start } from "./registry.ts"

// TensorFlow.js starts one backend at a time: of two that start together, the earlier one is told that it failed.
export const oneAtATime = /* @__PURE__ */ Semaphore.makeUnsafe(1)

/**
 * Loads a backend of TensorFlow.js, which may leave something to do once it has started, puts the kernels of this
 * package in their places, and makes it the one in force. `unavailable` says what may be wrong when TensorFlow.js
 * refuses, which it does without a reason. `accelerate` adds what the backend also works without: when it fails, a
 * warning says so, once.
 */
export const activate = (
  name: string,
  load: () => Promise<void | (() => void)>,
  unavailable: string,
  accelerate: () => Promise<void> = () => Promise.resolve()
): Effect.Effect<Backend["Service"], BackendError> =>
  Effect.tryPromise({
    try: async () => {
      for (const set of atStart) install(set)
      const finish = await load()
      try {
        start(name)
        if (!(await setBackend(name))) throw new Error(unavailable)
        await ready()
      } finally {
        finish?.()
      }
      return Backend.of({ name })
    },
    catch: (cause) => new BackendError({ backend: name, cause })
  }).pipe(
    Effect.tap(
      Effect.catch(
        Effect.tryPromise(accelerate),
        ({ cause }) =>
          warnOnce(`the fast kernels of the ${name} backend could not be loaded, slower ones serve: ${cause}`)
      )
    ),
    Effect.uninterruptible,
    oneAtATime.withPermits(1)
  )

const said = new Set<string>()

/** Logs a warning that has not been logged before. */
export const warnOnce = (warning: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (said.has(warning)) return Effect.void
    said.add(warning)
    return Effect.logWarning(warning)
  })
