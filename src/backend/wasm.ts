import { engine, env, memory, removeBackend } from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import type { BackendError } from "../core/errors.ts"
import { activate, oneAtATime, warnOnce } from "./activate.ts"
import { Backend } from "./Backend.ts"
import { isShared, memoryOf, startCompanion } from "./companion/companion.ts"
import { shareThreads, stopStrangers } from "./companion/shareThreads.ts"
import { MOST_THREADS } from "./companion/threadSource.ts"
import { keepListeners } from "./processListeners.ts"
import { PLAIN, sharedModule, SIMD, wasmFile } from "./wasmFile.ts"
import type { WasmPaths } from "./wasmFile.ts"

export type { WasmPaths }

/** What can be chosen about the WebAssembly backend. */
export interface WasmOptions {
  /** Where its files are, if not where the package or the bundler has them. */
  readonly paths?: WasmPaths
  /** How many threads compute, this one included. The default is 1. */
  readonly threads?: number
  /**
   * Whether kernels may use relaxed SIMD, where the engine has it. The default is true: products are a fifth faster,
   * and their last bits depend on the engine. Without it they are the same in every engine.
   */
  readonly relaxed?: boolean
}

const NAME = "wasm"
const unavailable = "TensorFlow.js refuses to start it, and the console says why"
const FILES = [PLAIN, SIMD, "tfjs-backend-wasm-threaded-simd.wasm"]

// Why the memory of the backend is not shared although threads were asked for.
let obstacle: unknown

/** Whether the backend has started; one that has memory which threads cannot share starts again if it holds nothing. */
const hasStarted = (threads: number): boolean => {
  const started = engine().registry[NAME]
  if (started === undefined) return false
  if (threads === 1 || memory().numTensors > 0 || isShared(memoryOf(started) ?? {})) return true
  const { factory, priority } = engine().registryFactory[NAME]!, putBack = keepListeners()
  removeBackend(NAME)
  putBack()
  engine().registerBackend(NAME, factory, priority)
  return false
}

const load = async ({ paths, threads = 1 }: WasmOptions): Promise<void | (() => void)> => {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm")
  // The threaded build of TensorFlow.js is not faster on two cores, and it fails in minified bundles.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false)
  if (hasStarted(threads)) return
  let module = await wasmFile(paths, await env().getAsync("WASM_HAS_SIMD_SUPPORT") as boolean)
  if (threads > 1) {
    try {
      module = sharedModule(module)
      obstacle = undefined
    } catch (cause) {
      obstacle = cause
    }
  }
  // TensorFlow.js asks its platform for the file, and gets the bytes that are here already.
  const { platform } = env()
  env().platform = Object.create(platform, {
    fetch: {
      value: (place: string, init?: RequestInit) =>
        place in places ? Promise.resolve({ ok: true, arrayBuffer: async () => module }) : platform.fetch(place, init)
    }
  }) as typeof platform
  const places: { [file: string]: string } = Object.fromEntries(FILES.map((file) => [file, file]))
  setWasmPaths(places, true)
  const putBack = keepListeners()
  return () => {
    putBack()
    env().platform = platform
    // What the map does not have TensorFlow.js looks for where it would without one.
    if (engine().registry[NAME] !== undefined) setWasmPaths(places, false)
    for (const file of FILES) delete places[file]
  }
}

const make = (options: WasmOptions): Effect.Effect<Backend["Service"], BackendError, Scope.Scope> =>
  activate(NAME, () => load(options), unavailable, async () => {
    await startCompanion(options.relaxed ?? true)
    await stopStrangers()
  }).pipe(
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
 * The WebAssembly backend, with SIMD where the engine has it. In Node, in a page and in a worker: bundlers that know
 * `new URL(…, import.meta.url)`, as Vite, webpack, Rspack and Parcel do, find its `.wasm` file by themselves. With
 * others {@link layerWasmWith} says where it is.
 *
 * Fails with a `BackendError` that names the file that is missing, or the rule of the page's content security policy.
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
 * {@link layerWasm} with more threads, with equal bits in every engine, or with its `.wasm` files at other addresses.
 *
 * With more than one thread a step takes two thirds of the time, or less, on two cores, and its results are the same to
 * the bit. In Node threads are always there; in a page they take headers that isolate it from other origins
 * (`crossOriginIsolated`). Where they cannot be had, a warning says so once, and one thread computes. They end with the
 * layer.
 *
 * `paths` is the folder that `effect-neuron/wasm` was copied to, or the address of each file, where a bundler does not
 * find them, or another server has them.
 *
 * With `relaxed: false` kernels give the same bits in every engine, so that a run that is moved to another one resumes
 * bit for bit, as far as the engines' own `Math` functions agree (they make normal random numbers and cosine
 * schedules). The layer that is built last decides for its page or worker.
 *
 * Throws a `RangeError` for a number of threads that is not from 1 to 32; fails as `layerWasm` does.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const elsewhere = Backend.layerWasmWith({ paths: "/wasm/" })
 * const inTwoThreads = Backend.layerWasmWith({ threads: 2, relaxed: false })
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
