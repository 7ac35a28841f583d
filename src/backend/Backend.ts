import { env, ready, setBackend, tidy } from "@tensorflow/tfjs-core"
import type { TensorContainer } from "@tensorflow/tfjs-core"
import { Context, Effect, Layer } from "effect"
import { BackendError, TensorError } from "../core/errors.ts"
import { core } from "./core.ts"
import { install, start } from "./registry.ts"

/**
 * The tensor backend that is in force. TensorFlow.js has one engine per process or worker, and so one backend; more
 * than one at a time means more workers.
 */
export class Backend extends Context.Service<Backend, { readonly name: string }>()(
  "effect-neuron/backend/Backend"
) {}

const activate = (name: string, load: () => Promise<unknown>): Effect.Effect<Backend["Service"], BackendError> =>
  Effect.tryPromise({
    try: async () => {
      install(core)
      await load()
      start(name)
      if (!(await setBackend(name))) throw new Error("it is not available here")
      await ready()
      return Backend.of({ name })
    },
    catch: (cause) => new BackendError({ backend: name, cause })
  })

const loadWasm = async (wasmPaths?: WasmPaths) => {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
  // One thread: on two cores the threaded build is not faster, and it fails in minified bundles.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false)
  if (wasmPaths !== undefined) setWasmPaths(wasmPaths as Parameters<typeof setWasmPaths>[0])
}

/** Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are: the URL of their folder, or that of each file. */
export type WasmPaths = string | {
  readonly "tfjs-backend-wasm.wasm": string
  readonly "tfjs-backend-wasm-simd.wasm": string
  readonly "tfjs-backend-wasm-threaded-simd.wasm": string
}

/**
 * The WebAssembly backend, with SIMD where the engine has it. In Node, in a page and in a worker; in a bundled page the
 * addresses of the `.wasm` files have to be given, with {@link layerWasmFrom}.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const name = Effect.map(Effect.service(Backend.Backend), (backend) => backend.name)
 * await Effect.runPromise(Effect.provide(name, Backend.layerWasm)) // => "wasm"
 * ```
 */
export const layerWasm: Layer.Layer<Backend, BackendError> = Layer.effect(Backend, activate("wasm", () => loadWasm()))

/**
 * {@link layerWasm} with its `.wasm` files at the given addresses, as a bundler makes them (`?url` in Vite).
 *
 * @example
 * ```ts
 * import { Backend } from "effect-neuron"
 *
 * const fromFolder = Backend.layerWasmFrom("/assets/tfjs/")
 * ```
 */
export const layerWasmFrom = (paths: WasmPaths): Layer.Layer<Backend, BackendError> =>
  Layer.effect(Backend, activate("wasm", () => loadWasm(paths)))

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
export const layerCpu: Layer.Layer<Backend, BackendError> = Layer.effect(
  Backend,
  activate("cpu", async () => {
    const { MathBackendCPU } = await import("@tensorflow/tfjs-backend-cpu")
    // Its first write would print an advertisement for a native package.
    const prototype: { firstUse?: boolean } = MathBackendCPU.prototype as never
    Object.defineProperty(prototype, "firstUse", { get: () => false, set: () => {}, configurable: true })
  })
)

/**
 * Runs a synchronous tensor program: the one door between Effect and tensors. The tensors of its result stay alive and
 * belong to the caller; every other tensor that it made is disposed, also when it throws. A throw becomes a
 * `TensorError` that names the operation.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const three = Backend.tensors("sum", () => tf.sum(tf.ones([3])).arraySync())
 * await Effect.runPromise(Effect.provide(three, Backend.layerWasm)) // => 3
 * ```
 */
export const tensors = <A>(operation: string, program: () => A): Effect.Effect<A, TensorError, Backend> =>
  Effect.flatMap(Effect.service(Backend), () =>
    Effect.try({
      try: () => tidy(program as () => TensorContainer) as A,
      catch: (cause) => new TensorError({ operation, cause })
    }))
