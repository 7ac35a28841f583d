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
 * `unavailable` says what may be wrong when TensorFlow.js refuses, which it does without a reason.
 */
export const activate = (
  name: string,
  load: () => Promise<unknown>,
  unavailable: string
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
  }).pipe(Effect.uninterruptible, oneAtATime.withPermits(1))
