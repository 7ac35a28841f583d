import { shareMemory } from "./shareMemory.ts"

const FILE = "tfjs-backend-wasm-simd.wasm"

interface Node {
  readonly versions?: { readonly node?: string }
  readonly getBuiltinModule?: {
    (name: "node:fs/promises"): { readonly readFile: (path: string | URL) => Promise<Uint8Array> }
    (name: "node:module"): { readonly createRequire: (from: string) => { readonly resolve: (name: string) => string } }
  }
}

/**
 * The bytes of the stock module with SIMD: in Node from the package or from the given place, which is then a path, else
 * from the given address or, without one, from where TensorFlow.js looks too: beside the page, or beside the worker.
 */
const read = async (folder: string | undefined, file: string | undefined): Promise<Uint8Array> => {
  const process = (globalThis as { readonly process?: Node }).process
  if (process?.versions?.node !== undefined && process.getBuiltinModule !== undefined) {
    const { readFile } = process.getBuiltinModule("node:fs/promises")
    const place = file ?? (folder === undefined ? undefined : folder + FILE)
    if (place !== undefined) return readFile(place.startsWith("file:") ? new URL(place) : place)
    const { createRequire } = process.getBuiltinModule("node:module")
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")
    return readFile(entry.replace(/[^/\\]*$/, FILE))
  }
  const address = file ?? `${folder ?? ""}${FILE}`, response = await fetch(address, { credentials: "same-origin" })
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}

/**
 * An address of the stock module, rewritten so that its memory is shared; `free` it after it has been loaded. It fails
 * where there is no shared memory, which pages have if they are isolated from other origins (`crossOriginIsolated`).
 */
export const sharedFile = async (
  folder: string | undefined,
  file: string | undefined
): Promise<{ readonly address: string; readonly free: () => void }> => {
  const isolated = (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated
  if (typeof SharedArrayBuffer !== "function" || isolated === false) {
    throw new Error("there is no shared memory here; a page has it when its headers isolate it from other origins")
  }
  const module = shareMemory(await read(folder, file))
  const address = URL.createObjectURL(new Blob([module], { type: "application/wasm" }))
  const free = () => URL.revokeObjectURL(address)
  try {
    // As TensorFlow.js will; a policy of the page may forbid it, which is better known before.
    await (await fetch(address)).arrayBuffer()
  } catch (cause) {
    free()
    throw cause
  }
  return { address, free }
}
