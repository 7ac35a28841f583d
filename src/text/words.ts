import { Effect } from "effect"
import type { Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import type { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { countPieces, noText } from "./parts.ts"
import { regExpOf } from "./pattern.ts"
import { GPT2, piecesOf, settledPieces } from "./pieces.ts"
import { made, REPLACEMENT, utf8 } from "./Tokenizer.ts"
import type { Tokenizer } from "./Tokenizer.ts"

const patterns = () => [regExpOf(GPT2)]

/** The tokenizer of words that are known. */
export const wordsOf = (words: ReadonlyArray<string>): Tokenizer => {
  const ids = new Map(words.map((word, i) => [word, i + 1])), cut = patterns()
  return made({
    description: { kind: "words", words },
    tokens: [REPLACEMENT, ...words].map(utf8),
    encode: (text) => Int32Array.from(piecesOf(text.toWellFormed(), cut), (word) => ids.get(word) ?? 0),
    settled: settledPieces
  })
}

/** The options of {@link words}. */
export interface WordsOptions {
  /** How many tokens there are at most, with the one for all other words. */
  readonly size: number
}

/**
 * A tokenizer of the words that are most frequent in a text: words, numbers and punctuation, each with the blank that
 * may be before it, so that tokens come back as the text that they were made of. Token 0 is any other word, which comes
 * back as U+FFFD. It takes a stream of strings, pieces of one text, of any size; words of one frequency are in the order
 * of their first occurrence.
 *
 * Fails with a `DataError` for a text without characters. Throws a `RangeError` for a size that is no positive integer.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokenizer = Effect.runSync(Text.words(Stream.make("to be or not", " to be"), { size: 3 }))
 * tokenizer.encode("to be me") // => Int32Array.of(2, 1, 0)
 * tokenizer.decode([2, 1]) // => "to be"
 * ```
 */
export const words: {
  (options: WordsOptions): <E, R>(texts: Stream.Stream<string, E, R>) => Effect.Effect<Tokenizer, E | DataError, R>
  <E, R>(texts: Stream.Stream<string, E, R>, options: WordsOptions): Effect.Effect<Tokenizer, E | DataError, R>
} = /* @__PURE__ */ operator(({ size }: WordsOptions) => {
  positiveInteger("Text.words", "size", size)
  const cut = patterns()
  return <E, R>(texts: Stream.Stream<string, E, R>): Effect.Effect<Tokenizer, E | DataError, R> =>
    Effect.flatMap(countPieces(texts, settledPieces, (text) => piecesOf(text, cut)), (counts) =>
      counts.size === 0
        ? Effect.fail(noText("Text.words"))
        : Effect.succeed(
          wordsOf([...counts].sort(([, a], [, b]) => b - a).slice(0, size - 1).map(([word]) => word))
        ))
})
