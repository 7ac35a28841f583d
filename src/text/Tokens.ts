import { Effect, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { encode } from "./encode.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** Tokens that can be read from any place on: in memory, or in a file that need not fit in it. */
export interface Tokens {
  readonly length: number
  /** So many tokens from a place on. Fails with a `DataError` where they cannot be read, or there are not so many. */
  readonly read: (from: number, count: number) => Effect.Effect<Int32Array, DataError>
}

/** Arrays that tokens are kept in. */
export type TokenArray = Uint8Array | Uint16Array | Int32Array

/** An array for tokens of a tokenizer, in as few bytes as they need. */
export const allocate = (length: number, size: number): TokenArray =>
  size <= 0x100 ? new Uint8Array(length) : size <= 0x1_0000 ? new Uint16Array(length) : new Int32Array(length)

/** The error of a read beyond the end. */
export const beyond = (source: string, from: number, count: number, length: number): DataError =>
  new DataError({ source, expected: `tokens ${from} to ${from + count - 1}`, actual: `${length} tokens` })

/**
 * Tokens in memory: an array of them.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokens = Text.fromArray(Text.bytes.encode("to be"))
 * Effect.runSync(tokens.read(3, 2)) // => Int32Array.of(98, 101)
 * ```
 */
export const fromArray = (tokens: TokenArray): Tokens => ({
  length: tokens.length,
  read: (from, count) =>
    from < 0 || from + count > tokens.length
      ? Effect.fail(beyond("tokens", from, count, tokens.length))
      : Effect.sync(() => Int32Array.from(tokens.subarray(from, from + count)))
})

/**
 * The tokens of a text that comes in pieces, kept in memory: one or two bytes for each where the tokenizer has no more
 * than 256 or 65,536. Fails with a `DataError` for what the tokenizer has no token for.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokens = Effect.runSync(Stream.make("to be ", "or not to be").pipe(Text.collect(Text.bytes)))
 * tokens.length // => 18
 * ```
 */
export const collect: {
  (tokenizer: Tokenizer): <E, R>(texts: Stream.Stream<string, E, R>) => Effect.Effect<Tokens, E | DataError, R>
  <E, R>(texts: Stream.Stream<string, E, R>, tokenizer: Tokenizer): Effect.Effect<Tokens, E | DataError, R>
} = /* @__PURE__ */ operator((tokenizer: Tokenizer) => <E, R>(texts: Stream.Stream<string, E, R>) =>
  encode(texts, tokenizer).pipe(
    Stream.runFold(() => ({ held: allocate(1 << 16, tokenizer.size), length: 0 }), ({ held, length }, tokens) => {
      const needed = length + tokens.length
      let into = held
      if (needed > held.length) {
        into = allocate(Math.max(needed, 2 * held.length), tokenizer.size)
        into.set(held)
      }
      into.set(tokens, length)
      return { held: into, length: needed }
    }),
    Effect.map(({ held, length }) => fromArray(held.subarray(0, length)))
  )
)

/**
 * A part of some tokens, from one place up to another. Throws a `RangeError` for places that are none.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const last = Text.part(Text.fromArray(Text.bytes.encode("to be")), 3, 5)
 * Effect.runSync(last.read(0, last.length)) // => Int32Array.of(98, 101)
 * ```
 */
export const part = (tokens: Tokens, from: number, to: number): Tokens => {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= tokens.length)) {
    throw new RangeError(`Text.part: from and to are places of ${tokens.length} tokens, got ${from} and ${to}`)
  }
  const length = to - from
  return {
    length,
    read: (at, count) =>
      at < 0 || at + count > length
        ? Effect.fail(beyond("tokens", at, count, length))
        : tokens.read(from + at, count)
  }
}
