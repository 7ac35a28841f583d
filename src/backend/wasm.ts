import { engine, env } from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import type { BackendError } from "../core/errors.ts"
import { activate, oneAtATime, warnOnce } from "./activate.ts"
import { Backend } from "./Backend.ts"
import { startCompanion } from "./companion/companion.ts"
import { sharedFile } from "./companion/sharedFile.ts"
import { shareThreads } from "./companion/shareThreads.ts"
import { MOST_THREADS } from "./companion/threadSource.ts"

/** Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are: the URL of their folder, or that of each file. */
export type WasmPaths = string | {
  /** For engines without SIMD. */
  readonly "tfjs-backend-wasm.wasm": string
  readonly "tfjs-backend-wasm-simd.wasm": string
}

/** What can be chosen about the WebAssembly backend. */
export interface WasmOptions {
  /** Where its files are, which a bundled page has to say; it can be said once per page or worker. */
  readonly paths?: WasmPaths
  /** How many threads compute, this one included. The default is 1. */
  readonly threads?: number
}

const unavailable = "its .wasm file could not be loaded, and the console says why; a bundled page has to give the " +
  "addresses of these files, with Backend.layerWasmWith"

const FILES = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm-threaded-simd.wasm"] as const

let given: WasmPaths | undefined
// Why the memory of the backend is not shared although threads were asked for.
let obstacle: unknown

const load = async ({ paths, threads = 1 }: WasmOptions): Promise<void | (() => void)> => {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
  // The threaded build of TensorFlow.js is not faster on two cores, and it fails in minified bundles.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false)
  const tell = (paths: WasmPaths | { readonly [file: string]: string }, fetched = false) => {
    try {
      setWasmPaths(paths as Parameters<typeof setWasmPaths>[0], fetched)
    } catch (cause) {
      if (!String(cause).includes("already initialized")) throw cause
      throw new Error("it was started before with other paths, without success, and takes no others now", { cause })
    }
  }
  const folder = typeof paths === "string" ? paths.replace(/\/?$/, "/") : undefined
  // A start that failed can be tried again, but TensorFlow.js then refuses to be told paths, the same ones included.
  if (paths !== undefined && paths !== given) {
    tell(folder ?? { "tfjs-backend-wasm-threaded-simd.wasm": "", ...paths as object })
    given = paths
  }
  if (threads === 1 || engine().registry["wasm"] !== undefined) return
  try {
    const { address, free } = await sharedFile(folder, typeof paths === "object" ? paths[FILES[1]] : undefined)
    const places: { [file: string]: string } = Object.fromEntries(FILES.map((file) => [file, address]))
    tell(places, true)
    return () => {
      free()
      tell(places)
      // What the map does not have TensorFlow.js looks for where it would without one.
      for (const file of FILES) delete places[file]
      if (paths !== undefined) tell(folder ?? { "tfjs-backend-wasm-threaded-simd.wasm": "", ...paths as object })
    }
  } catch (cause) {
    obstacle = cause
  }
}

const make = (options: WasmOptions): Effect.Effect<Backend["Service"], BackendError, Scope.Scope> =>
  activate("wasm", () => load(options), unavailable, startCompanion).pipe(
    Effect.tap(() => {
      const { threads = 1 } = options
      if (threads === 1) return Effect.void
      const started = oneAtATime.withPermits(1)(Effect.tryPromise(() => shareThreads(threads, obstacle)))
      return Effect.acquireRelease(started, (stop) => Effect.promise(stop)).pipe(
        Effect.catch(({ cause }) => warnOnce(`the wasm backend computes in one thread, not in ${threads}: ${cause}`))
      )
    })
  )

/**
 * The WebAssembly backend, with SIMD where the engine has it. In Node, in a page and in a worker; in a bundled page the
 * addresses of the `.wasm` files have to be given, with {@link layerWasmWith}.
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
  /* @__PURE__ */ make({})
)

/**
 * {@link layerWasm} with its `.wasm` files at the given addresses, their folder or each as a bundler makes it (`?url` in
 * Vite), and with more than one thread: a step then takes two thirds of the time, or less, on two cores, and its
 * results are the same to the bit. In Node threads are always there; in a page they take headers that isolate it from other
 * origins (`crossOriginIsolated`). Where they cannot be had, a warning says so once, and one thread computes. They end with
 * the layer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const inPage = Backend.layerWasmWith({ paths: "/assets/tfjs/" })
 * const inTwoThreads = Backend.layerWasmWith({ threads: 2 })
 *
 * const name = Effect.map(Effect.service(Backend.Backend), (backend) => backend.name)
 * await Effect.runPromise(Effect.provide(name, inTwoThreads)) // => "wasm"
 * ```
 */
export const layerWasmWith = (options: WasmOptions): Layer.Layer<Backend, BackendError> => {
  const { threads = 1 } = options
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new RangeError(`threads: expected an integer from 1 to ${MOST_THREADS}, got ${threads}`)
  }
  return Layer.effect(Backend, make(options))
}
