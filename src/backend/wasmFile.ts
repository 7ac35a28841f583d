import { messageOf } from "../core/messageOf.ts"
import { shareMemory } from "./companion/shareMemory.ts"

/** The stock modules of TensorFlow.js that are used here: for engines with SIMD, and for those without. */
export const SIMD = "tfjs-backend-wasm-simd.wasm", PLAIN = "tfjs-backend-wasm.wasm"

/** Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are: the URL of their folder, or that of each file. */
export type WasmPaths = string | {
  readonly "tfjs-backend-wasm-simd.wasm": string
  /** Only for engines without SIMD, which browsers and Node have had since 2023. */
  readonly "tfjs-backend-wasm.wasm"?: string
}

interface Node {
  readonly versions?: { readonly node?: string }
  readonly getBuiltinModule?: {
    (name: "node:fs/promises"): { readonly readFile: (path: string | URL) => Promise<Uint8Array<ArrayBuffer>> }
    (name: "node:module"): { readonly createRequire: (from: string) => { readonly resolve: (name: string) => string } }
  }
}

const HINT = "where a bundler does not find it, the paths of Backend.layerWasmWith say where it is"

// Bundlers look for these words: they serve the file, or put it beside what they build, and write its address here.
const addressOf = {
  [SIMD]: () => new URL("../../wasm/tfjs-backend-wasm-simd.wasm", import.meta.url),
  [PLAIN]: () => new URL("../../wasm/tfjs-backend-wasm.wasm", import.meta.url)
}

/** The place of a file that was given, or of the package's own. */
const placeOf = (file: keyof typeof addressOf, paths: WasmPaths | undefined, node: Node | undefined): string => {
  if (typeof paths === "string") return paths.replace(/\/?$/, "/") + file
  if (paths !== undefined) {
    const place = paths[file]
    if (place === undefined) throw new Error(`this engine needs ${file}, which is not among the paths`)
    return place
  }
  try {
    if (node === undefined) return addressOf[file]().href
    const { createRequire } = node.getBuiltinModule!("node:module")
    return createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm").replace(/[^/\\]*$/, file)
  } catch (cause) {
    throw new Error(`${file} is not to be found; ${HINT}`, { cause })
  }
}

/** What a content security policy calls the origin of a place. */
const sourceOf = (place: string): string => {
  const { origin, protocol } = new URL(place, globalThis.location.href)
  if (protocol === "blob:" || protocol === "data:") return protocol
  return origin === globalThis.location.origin ? "'self'" : origin
}

const read = async (place: string, node: Node | undefined): Promise<Uint8Array<ArrayBuffer>> => {
  if (node !== undefined) {
    const { readFile } = node.getBuiltinModule!("node:fs/promises")
    return readFile(place.startsWith("file:") ? new URL(place) : place)
  }
  const response = await fetch(place, { credentials: "same-origin" }).catch((cause) => {
    // Of its policy a browser tells the console, and its user, alone.
    throw new Error(`${messageOf(cause)}; a content security policy has to have connect-src ${sourceOf(place)}`, {
      cause
    })
  })
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim())
  const bytes = new Uint8Array(await response.arrayBuffer())
  // Servers of pages answer with the page for what they do not have.
  if (!WebAssembly.validate(bytes)) {
    throw new Error(`expected WebAssembly, found ${response.headers.get("content-type") ?? "something else"}`)
  }
  return bytes
}

const assertAllowed = async (): Promise<void> => {
  try {
    await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
  } catch (cause) {
    throw new Error("the page's content security policy forbids WebAssembly: it takes script-src 'wasm-unsafe-eval'", {
      cause
    })
  }
}

/**
 * The bytes of the stock module, which TensorFlow.js is given in place of an address: it would not say which file is
 * missing, and wait for ever for one that is no module. Fails with a sentence that names the file.
 */
export const wasmFile = async (paths: WasmPaths | undefined, simd: boolean): Promise<Uint8Array<ArrayBuffer>> => {
  await assertAllowed()
  const process = (globalThis as { readonly process?: Node }).process
  const node = process?.versions?.node === undefined || process.getBuiltinModule === undefined ? undefined : process
  const place = placeOf(simd ? SIMD : PLAIN, paths, node)
  try {
    return await read(place, node)
  } catch (cause) {
    const hint = paths === undefined ? `; ${HINT}` : ""
    throw new Error(`${place} could not be loaded: ${messageOf(cause)}${hint}`, { cause })
  }
}

/**
 * The module with its memory shared, as threads need it. Throws where there is no shared memory, which pages have if
 * they are isolated from other origins (`crossOriginIsolated`).
 */
export const sharedModule = (module: Uint8Array): Uint8Array<ArrayBuffer> => {
  const isolated = (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated
  if (typeof SharedArrayBuffer !== "function" || isolated === false) {
    throw new Error("there is no shared memory here; a page has it when its headers isolate it from other origins")
  }
  // Some devices have not the address space for it, which TensorFlow.js would not say.
  void new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true })
  return shareMemory(module)
}
