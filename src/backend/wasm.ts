import { env } from "@tensorflow/tfjs-core"
import { Layer } from "effect"
import type { BackendError } from "../core/errors.ts"
import { activate } from "./activate.ts"
import { Backend } from "./Backend.ts"
import { startCompanion } from "./companion/companion.ts"

/** Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are: the URL of their folder, or that of each file. */
export type WasmPaths = string | {
  /** For engines without SIMD. */
  readonly "tfjs-backend-wasm.wasm": string
  readonly "tfjs-backend-wasm-simd.wasm": string
}

const unavailable = "its .wasm file could not be loaded, and the console says why; a bundled page has to give the " +
  "addresses of these files, with Backend.layerWasmFrom"

let given: WasmPaths | undefined

const load = async (paths: WasmPaths | undefined): Promise<void> => {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
  // One thread: on two cores the threaded build is not faster, and it fails in minified bundles.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false)
  // A start that failed can be tried again, but TensorFlow.js then refuses to be told paths, the same ones included.
  if (paths === undefined || paths === given) return
  const all = typeof paths === "string"
    ? paths.replace(/\/?$/, "/")
    : { "tfjs-backend-wasm-threaded-simd.wasm": "", ...paths }
  try {
    setWasmPaths(all as Parameters<typeof setWasmPaths>[0])
  } catch (cause) {
    if (!String(cause).includes("already initialized")) throw cause
    throw new Error("it was started before with other paths, without success, and takes no others now", { cause })
  }
  given = paths
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
export const layerWasm: Layer.Layer<Backend, BackendError> = /* @__PURE__ */ Layer.effect(
  Backend,
  /* @__PURE__ */ activate("wasm", () => load(undefined), unavailable, startCompanion)
)

/**
 * {@link layerWasm} with its `.wasm` files at the given addresses: their folder, or each as a bundler makes it (`?url`
 * in Vite). The addresses can be given once per page or worker.
 *
 * @example
 * ```ts
 * import { Backend } from "effect-neuron"
 *
 * const fromFolder = Backend.layerWasmFrom("/assets/tfjs/")
 * ```
 */
export const layerWasmFrom = (paths: WasmPaths): Layer.Layer<Backend, BackendError> =>
  Layer.effect(Backend, activate("wasm", () => load(paths), unavailable, startCompanion))
