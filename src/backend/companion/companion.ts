import { backend } from "@tensorflow/tfjs-core"
import type { TensorInfo } from "@tensorflow/tfjs-core"
import { shareMemory } from "./shareMemory.ts"

/** The part of the WebAssembly backend that the companion module stands on. */
interface Host {
  readonly wasm: {
    readonly asm?: { readonly memory?: WebAssembly.Memory }
    readonly wasmMemory?: WebAssembly.Memory
    readonly _malloc: (bytes: number) => number
    readonly _free: (pointer: number) => void
  }
  readonly dataIdMap: { readonly get: (dataId: object) => { readonly memoryOffset: number } }
}

const host = (): Host => backend() as unknown as Host

/** The companion module over the memory of a backend. */
interface Companion {
  readonly host: Host
  readonly memory: WebAssembly.Memory
  readonly module: WebAssembly.Module
  readonly exports: WebAssembly.Exports
  readonly build: "relaxed" | "simd"
}

let running: Companion | undefined
// Scratch space: that which kernels share, and that of each thread.
let spaces: Array<{ readonly pointer: number; readonly bytes: number } | undefined> = []

/**
 * The functions of the companion module, of which a kernel names those that it calls; none where the module could not
 * be loaded, or the backend is no longer the one that it was loaded for, and the kernel then does without.
 */
export const companion = <Functions extends object>(): Functions | undefined =>
  running?.host === host() && used ? running.exports as unknown as Functions : undefined

/** The module itself and its memory, which threads share; nothing where the module could not be loaded. */
export const runningCompanion = (): Companion | undefined => running?.host === host() ? running : undefined

let used = true

/** Turns the companion module off and on again, so that tests see what serves without it. */
export const useCompanion = (use: boolean): void => {
  used = use
}

// A module with relaxed_madd of three vectors of zeros: valid only where there is relaxed SIMD.
const PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11]
)

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  const text = atob(base64), bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** The memory of a WebAssembly backend. */
export const memoryOf = (backend: unknown): WebAssembly.Memory | undefined => {
  const { wasm } = backend as Host
  return wasm.asm?.memory ?? wasm.wasmMemory
}

/**
 * Loads the companion module over the memory of the WebAssembly backend, which must be the one in force: with relaxed
 * SIMD where the engine has it and it is wanted.
 */
export const startCompanion = async (relaxed: boolean): Promise<void> => {
  const now = host(), build = relaxed && WebAssembly.validate(PROBE) ? "relaxed" : "simd"
  if (running?.host === now && running.build === build) return
  if (running?.host !== now) spaces = []
  running = undefined
  const { base64 } = build === "relaxed"
    ? await import("./generated/relaxed.ts")
    : await import("./generated/simd.ts")
  const memory = memoryOf(now)
  if (memory === undefined) throw new Error("the memory of the backend is not where it is expected")
  const bytes = bytesOf(base64)
  const module = await WebAssembly.compile(isShared(memory) ? shareMemory(bytes) : bytes)
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  running = { host: now, memory, module, exports, build }
}

/** Whether threads can share a memory. */
export const isShared = ({ buffer }: { readonly buffer?: unknown }): boolean =>
  typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer

/** Where a tensor's values lie in the memory of the backend. */
export const pointer = (tensor: TensorInfo): number => host().dataIdMap.get(tensor.dataId).memoryOffset

/**
 * Scratch space of at least so many bytes, aligned to 64, good until the next call: kernels run one after the other and
 * share it. It grows and is never given back. Each thread has space of its own besides, of which `place` is the number
 * from 1 on.
 */
export const scratch = (bytes: number, place = 0): number => {
  let space = spaces[place]
  if (space === undefined || space.bytes < bytes) {
    const { wasm } = host()
    if (space !== undefined) wasm._free(space.pointer)
    const pointer = wasm._malloc(bytes + 64) >>> 0
    if (pointer === 0) throw new Error(`out of memory: no ${bytes} bytes of scratch space`)
    spaces[place] = space = { pointer, bytes }
  }
  return Math.ceil(space.pointer / 64) * 64
}
