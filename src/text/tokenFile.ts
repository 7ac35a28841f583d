import { Effect, FileSystem, Result, Stream } from "effect"
import type { Path, Scope } from "effect"
import { DataError } from "../core/errors.ts"
import { fileError, writeBytes } from "../core/files.ts"
import { operator } from "../core/operator.ts"
import type { Wrong } from "../formats/safetensorsHeader.ts"
import { headLength, METADATA, PREFIX_BYTES, readHeader } from "../formats/safetensorsHeader.ts"
import { encode } from "./encode.ts"
import type { Tokenizer } from "./Tokenizer.ts"
import { tokenizer as tokenizerOf } from "./tokenizerOf.ts"
import { allocate, beyond } from "./Tokens.ts"
import type { TokenArray, Tokens } from "./Tokens.ts"

const NAME = "tokens", TOKENIZER = "tokenizer"

/** So many bytes have room for every count of tokens. */
const LONGEST = String(Number.MAX_SAFE_INTEGER).length

const dtypes = { 1: "U8", 2: "U16", 4: "I32" } as const

/** The bytes before the tokens: as many whatever their count is. */
const headOf = (count: number, { BYTES_PER_ELEMENT: width }: TokenArray, { description }: Tokenizer): Uint8Array => {
  const json = (count: number) =>
    new TextEncoder().encode(JSON.stringify({
      [METADATA]: { [TOKENIZER]: JSON.stringify(description) },
      [NAME]: { dtype: dtypes[width as 1 | 2 | 4], shape: [count], data_offsets: [0, count * width] }
    }))
  const text = json(count), start = PREFIX_BYTES + Math.ceil((json(0).length + 2 * LONGEST) / 8) * 8
  const head = new Uint8Array(start).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(start - PREFIX_BYTES), true)
  head.set(text, PREFIX_BYTES)
  return head
}

/**
 * Writes the tokens of a text that comes in pieces to a file that {@link openTokens} reads, and gives their number: a
 * safetensors file with an array `tokens` (of U8, U16 or I32, as the tokenizer has tokens), and the tokenizer in its
 * metadata. Neither text nor tokens need fit in memory. The file appears when it is whole.
 *
 * Fails with a `DataError` for what the tokenizer has no token for, or if the file cannot be written.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const path = `${yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()}/tokens.safetensors`
 *   yield* Stream.make("to be ", "or not to be").pipe(Text.writeTokens(path, Text.bytes))
 *   const tokens = yield* Text.openTokens(path)
 *   return tokens.tokenizer.decode(yield* tokens.read(3, 6))
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(NodeServices.layer))) // => "be or "
 * ```
 */
export const writeTokens: {
  (
    path: string,
    tokenizer: Tokenizer
  ): <E, R>(
    texts: Stream.Stream<string, E, R>
  ) => Effect.Effect<number, E | DataError, R | FileSystem.FileSystem | Path.Path>
  <E, R>(
    texts: Stream.Stream<string, E, R>,
    path: string,
    tokenizer: Tokenizer
  ): Effect.Effect<number, E | DataError, R | FileSystem.FileSystem | Path.Path>
} = /* @__PURE__ */ operator((path: string, tokenizer: Tokenizer) => <E, R>(texts: Stream.Stream<string, E, R>) =>
  Effect.suspend(() => {
    const none = allocate(0, tokenizer.size)
    let count = 0
    const bytes = encode(texts, tokenizer).pipe(Stream.map((tokens) => {
      const out = allocate(tokens.length, tokenizer.size)
      out.set(tokens)
      count += tokens.length
      return new Uint8Array(out.buffer)
    }))
    const head = () => headOf(count, none, tokenizer)
    return Effect.map(writeBytes(path, Stream.concat(Stream.sync(head), bytes), head), () => count)
  })
)

/** Tokens of a file, and the tokenizer that has made them. */
export interface TokenFile extends Tokens {
  readonly tokenizer: Tokenizer
}

/**
 * The tokens of a file that {@link writeTokens} has written, of which only what is read is in memory. The file is closed
 * with the Scope. Fails with a `DataError` for a file that is none, or is cut short.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline, Text } from "effect-neuron"
 *
 * const batches = Effect.map(Text.openTokens("tokens.safetensors"), (tokens) =>
 *   Text.windows(tokens, { time: 64, seed: 7 }).pipe(Pipeline.batch(12), Pipeline.epochs(3)))
 * ```
 */
export const openTokens = (
  path: string
): Effect.Effect<TokenFile, DataError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, toError = fileError(path, "a file of tokens")
    const wrong: Wrong = (expected, actual, cause) =>
      Result.fail(new DataError({ source: path, expected, actual, ...(cause === undefined ? {} : { cause }) }))
    const file = yield* Effect.mapError(files.open(path, { flag: "r" }), toError)
    /** Bytes from a place on: fewer where the file ends. */
    const bytesAt = (from: number, count: number): Effect.Effect<Uint8Array<ArrayBuffer>, DataError> =>
      Effect.gen(function*() {
        const bytes = new Uint8Array(count)
        let at = 0
        while (at < count) {
          const read = yield* Effect.mapError(
            file.read(bytes.subarray(at), { position: BigInt(from + at) }),
            toError
          )
          if (read === 0) break
          at += read
        }
        return at === count ? bytes : bytes.slice(0, at)
      })
    const prefix = yield* bytesAt(0, PREFIX_BYTES)
    const head = yield* bytesAt(0, headLength(prefix))
    const { entries, metadata, end, start } = yield* Effect.fromResult(readHeader(head, wrong))
    const [entry] = entries, width = entry?.dtype.width
    const isTokens = entries.length === 1 && entry?.name === NAME && entry.shape.length === 1
    if (!isTokens || (width !== 1 && width !== 2 && width !== 4) || metadata[TOKENIZER] === undefined) {
      return yield* Effect.fromResult(wrong("a file that Text.writeTokens has written", "another safetensors file"))
    }
    const { size } = yield* Effect.mapError(file.stat, toError)
    if (Number(size) !== end) {
      return yield* Effect.fromResult(wrong(`a file of ${end} bytes`, `one of ${size}`))
    }
    const description = yield* Effect.fromResult(
      Result.orElse(parsed(metadata[TOKENIZER]), () => wrong("a tokenizer in JSON", "another text"))
    )
    const tokenizer = yield* Effect.fromResult(tokenizerOf(description))
    const length = entry!.shape[0]!
    return {
      tokenizer,
      length,
      read: (from, count) =>
        from < 0 || from + count > length
          ? Effect.fail(beyond(path, from, count, length))
          : Effect.flatMap(bytesAt(start + from * width, count * width), (bytes) => {
            const tokens = bytes.length === count * width
              ? entry!.dtype.read(new DataView(bytes.buffer), count)
              : undefined
            return tokens === undefined
              ? Effect.fail(beyond(path, from, count, Math.floor(bytes.length / width)))
              : Effect.succeed(Int32Array.from(tokens))
          })
    }
  })

const parsed = (text: string): Result.Result<unknown, unknown> =>
  Result.try({ try: (): unknown => JSON.parse(text), catch: (cause) => cause })
