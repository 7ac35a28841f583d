import type { Decoder } from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js"
import { Effect, Result } from "effect"
import { DataError } from "../core/errors.ts"
import { messageOf } from "../core/messageOf.ts"
import type { Pixels } from "./header.ts"
import type { JpegHeader } from "./jpegHeader.ts"

interface Loaded {
  readonly codec: Decoder
  /** What the decoder has said since it was asked last. */
  readonly said: Array<string>
}

interface Node {
  readonly versions?: { readonly node?: string }
  readonly getBuiltinModule?: {
    (name: "node:fs/promises"): { readonly readFile: (path: string) => Promise<Uint8Array<ArrayBuffer>> }
    (name: "node:module"): { readonly createRequire: (from: string) => { readonly resolve: (name: string) => string } }
  }
}

let compiled: Promise<WebAssembly.Module> | undefined

/** The decoder's WebAssembly, which Node reads from the package; in a page the package fetches it by itself. */
const compiledInNode = (): Promise<WebAssembly.Module> | undefined => {
  const process = (globalThis as { readonly process?: Node }).process
  if (process?.versions?.node === undefined || process.getBuiltinModule === undefined) return undefined
  const { createRequire } = process.getBuiltinModule("node:module")
  const { readFile } = process.getBuiltinModule("node:fs/promises")
  const file = createRequire(import.meta.url).resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm")
  return readFile(file).then((bytes) => WebAssembly.compile(bytes))
}

const load = async (): Promise<Loaded> => {
  const { default: make } = await import("@jsquash/jpeg/codec/dec/mozjpeg_dec.js")
  const module = await (compiled ??= compiledInNode()), said: Array<string> = []
  const instantiateWasm = (imports: WebAssembly.Imports, use: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(module!, imports)
    use(instance)
    return instance.exports
  }
  const codec = await make({
    noInitialRun: true,
    printErr: (line: string) => void said.push(line),
    ...(module === undefined ? {} : { instantiateWasm })
  })
  return { codec, said }
}

let loaded: Promise<Loaded> | undefined

const failed = (cause: unknown): DataError =>
  new DataError({
    source: "@jsquash/jpeg",
    expected: "the decoder of JPEG",
    actual: `a failure (${messageOf(cause)})`,
    cause
  })

/** The decoder, which is loaded when it is first asked for, and again after a picture that it failed at. */
const current: Effect.Effect<Loaded, DataError> = Effect.suspend(() => {
  const loading = loaded ??= load()
  return Effect.tryPromise({
    try: () => loading,
    catch: (cause) => {
      if (loaded === loading) loaded = compiled = undefined
      return failed(cause)
    }
  }).pipe(Effect.flatMap((found) => loaded === loading ? Effect.succeed(found) : current))
})

const decode = ({ codec, said }: Loaded, bytes: Uint8Array, { height, width }: JpegHeader) => {
  said.length = 0
  try {
    const image = codec.decode(bytes, false)
    if (image?.width !== width || image.height !== height) return Result.fail("a JPEG of another size than it says")
    // What is broken it draws as well as it can, and says so.
    if (said.length > 0) return Result.fail(`a JPEG that is broken (${said[0]})`)
    return Result.succeed(image.data)
  } catch (cause) {
    // It stands in the middle of its work, and would fail at the next picture too.
    loaded = undefined
    return Result.fail(`a JPEG that cannot be decoded (${said[0] ?? messageOf(cause)})`)
  }
}

/** The pixels of a JPEG, as libjpeg has them, or a sentence on what is wrong. */
export const jpegPixels = (
  bytes: Uint8Array,
  header: JpegHeader
): Effect.Effect<Result.Result<Pixels, string>, DataError> =>
  Effect.map(current, (codec) =>
    Result.map(decode(codec, bytes, header), (rgba): Pixels => {
      const n = rgba.length / 4, channels = header.components, data = new Uint8Array(n * channels)
      for (let i = 0; i < n; i++) for (let c = 0; c < channels; c++) data[i * channels + c] = rgba[4 * i + c]!
      return { channels, data }
    }))
