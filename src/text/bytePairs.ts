import { Effect } from "effect"
import type { Stream } from "effect"
import { positiveInteger, refuse } from "../core/check.ts"
import type { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { byteOrder, characterOf } from "./alphabet.ts"
import { bytePairsOf } from "./bytePairsOf.ts"
import { learnMerges } from "./learnMerges.ts"
import { countPieces, noText } from "./parts.ts"
import { regExpOf } from "./pattern.ts"
import { GPT2, piecesOf, settledPieces } from "./pieces.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** The options of {@link bytePairs}. */
export interface BytePairsOptions {
  /** How many tokens there are at most, 256 of which are the bytes. */
  readonly size: number
  /** Tokens that stand as they are written, `<|endoftext|>` say: the last ones. By default none. */
  readonly special?: ReadonlyArray<string>
}

/**
 * A tokenizer that is learned: the bytes of UTF-8, and the pairs of tokens that are most frequent in a text, merged one
 * after the other (Sennrich, Haddow, Birch: "Neural machine translation of rare words with subword units", 2016; on
 * bytes: Radford et al.: "Language models are unsupervised multitask learners", 2019). Merges do not go over the bounds
 * of words as GPT-2 cuts them. Of pairs of one frequency the one with the least tokens is first, as in the library
 * `tokenizers` of Hugging Face. It takes a stream of strings, pieces of one text, of any size, and keeps only its different words.
 * Any text has tokens.
 *
 * There are fewer tokens where no pair is there twice. Fails with a `DataError` for a text without characters. Throws a
 * `RangeError` for a size that has no room for the bytes and the special tokens.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const text = "the cat and the hat and the bat"
 * const tokenizer = Effect.runSync(Text.bytePairs(Stream.make(text), { size: 300 }))
 * const tokens = tokenizer.encode(text)
 * tokens.length < text.length // => true
 * tokenizer.decode(tokens) // => text
 * ```
 */
export const bytePairs: {
  (options: BytePairsOptions): <E, R>(texts: Stream.Stream<string, E, R>) => Effect.Effect<Tokenizer, E | DataError, R>
  <E, R>(texts: Stream.Stream<string, E, R>, options: BytePairsOptions): Effect.Effect<Tokenizer, E | DataError, R>
} = /* @__PURE__ */ operator(({ size, special = [] }: BytePairsOptions) => {
  positiveInteger("Text.bytePairs", "size", size)
  const least = byteOrder.length + new Set(special).size
  if (size < least) refuse("Text.bytePairs", "size", `at least ${least}, for the bytes and the special tokens`, size)
  const patterns = [regExpOf(GPT2)]
  return <E, R>(texts: Stream.Stream<string, E, R>): Effect.Effect<Tokenizer, E | DataError, R> =>
    Effect.flatMap(countPieces(texts, settledPieces, (text) => piecesOf(text, patterns)), (counts) => {
      if (counts.size === 0) return Effect.fail(noText("Text.bytePairs"))
      const vocabulary = byteOrder.map((byte) => characterOf[byte]!)
      const merges = learnMerges(counts, size - least).map(([left, right]) => {
        vocabulary.push(vocabulary[left]! + vocabulary[right]!)
        return `${vocabulary[left]!} ${vocabulary[right]!}`
      })
      const ids = Object.fromEntries([...new Set(special)].map((text, i) => [text, vocabulary.length + i]))
      return Effect.fromResult(bytePairsOf({ kind: "bytePairs", vocabulary, merges, patterns: [GPT2], special: ids }))
    })
})
