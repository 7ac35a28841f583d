import { Effect, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { transform } from "../pipeline/transform.ts"
import { settledParts } from "./parts.ts"
import { utf8Decoder } from "./Tokenizer.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** The tokens of a text, or the error that says what of it is none; the text may be a part of a longer one. */
export const encoded = (tokenizer: Tokenizer, text: string, before = 0): Effect.Effect<Int32Array, DataError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(tokenizer.encode(text))
    } catch (error) {
      if (!(error instanceof DataError)) return Effect.die(error)
      const { actual, expected, source } = error, from = before === 0 ? "" : ` of the part from ${before + 1} on`
      return Effect.fail(new DataError({ source: `${source}${from}`, expected, actual }))
    }
  })

/**
 * The tokens of a text that comes in pieces, of any size: the same ones as of the whole text, in pieces. Where a piece
 * ends in the middle of a word, that word waits for the next one. Fails with a `DataError` for what the tokenizer has no
 * token for.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokens = Stream.make("to b", "e or ", "not to be").pipe(Text.encode(Text.bytes))
 * const pieces = Effect.runSync(Stream.runCollect(tokens))
 * pieces.map(Text.bytes.decode).join("") // => "to be or not to be"
 * ```
 */
export const encode: {
  (tokenizer: Tokenizer): <E, R>(texts: Stream.Stream<string, E, R>) => Stream.Stream<Int32Array, E | DataError, R>
  <E, R>(texts: Stream.Stream<string, E, R>, tokenizer: Tokenizer): Stream.Stream<Int32Array, E | DataError, R>
} = /* @__PURE__ */ operator((tokenizer: Tokenizer) => <E, R>(texts: Stream.Stream<string, E, R>) =>
  texts.pipe(
    settledParts(tokenizer.settled),
    Stream.mapAccumEffect(() => 0, (before, text) =>
      Effect.map(encoded(tokenizer, text, before), (tokens) =>
        [before + text.length, [tokens]] as const)),
    Stream.filter(({ length }) =>
      length > 0
    )
  )
)

/** Turns tokens that come one after the other into text, whose characters are whole. */
export const decoding = (tokenizer: Tokenizer) => {
  const decoder = utf8Decoder()
  return {
    /** The characters that end with a token; none where it ends in the middle of one. */
    next: (token: number): string => decoder.decode(tokenizer.bytes(token), { stream: true }),
    /** What is left of a character that was not ended: U+FFFD. */
    end: (): string => decoder.decode()
  }
}

/**
 * The text of tokens that come in pieces, of any size, as it goes on. A character that is several tokens comes as a
 * whole.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const texts = Stream.make([110, 195], [169], [101]).pipe(Text.decode(Text.bytes))
 * Effect.runSync(Stream.runCollect(texts)) // => ["n", "é", "e"]
 * ```
 */
export const decode: {
  (tokenizer: Tokenizer): <E, R>(tokens: Stream.Stream<ArrayLike<number>, E, R>) => Stream.Stream<string, E, R>
  <E, R>(tokens: Stream.Stream<ArrayLike<number>, E, R>, tokenizer: Tokenizer): Stream.Stream<string, E, R>
} = /* @__PURE__ */ operator((tokenizer: Tokenizer) =>
  transform(Effect.sync(() => {
    const { end, next } = decoding(tokenizer)
    const add = (text: string, out: Array<string>): undefined => {
      if (text !== "") out.push(text)
    }
    return {
      push: (chunk: ReadonlyArray<ArrayLike<number>>, out: Array<string>) => {
        for (const tokens of chunk) add(Array.from(tokens, next).join(""), out)
        return undefined
      },
      end: (out: Array<string>) => add(end(), out)
    }
  }))
)
