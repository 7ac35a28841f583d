import { Layer } from "effect"
import type { BackendError } from "../core/errors.ts"
import { activate } from "./activate.ts"
import { Backend } from "./Backend.ts"

const load = async (): Promise<void> => {
  const { MathBackendCPU } = await import("@tensorflow/tfjs-backend-cpu")
  // Its first write would print an advertisement for a native package.
  const prototype: { firstUse?: boolean } = MathBackendCPU.prototype as never
  Object.defineProperty(prototype, "firstUse", { get: () => false, set: () => {}, configurable: true })
}

/**
 * The plain JavaScript backend: slow, everywhere, and a second opinion on every number.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const name = Effect.map(Effect.service(Backend.Backend), (backend) => backend.name)
 * await Effect.runPromise(Effect.provide(name, Backend.layerCpu)) // => "cpu"
 * ```
 */
export const layerCpu: Layer.Layer<Backend, BackendError> = /* @__PURE__ */ Layer.effect(
  Backend,
  /* @__PURE__ */ activate("cpu", load, "it is not available here")
)
