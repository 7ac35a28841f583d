import { made, noToken, utf8, wholeCharacters } from "./Tokenizer.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/**
 * A tokenizer of tokens of one's own, by their places in the list: at each place of a text the longest one that fits. A
 * text with something between them has no tokens: `encode` throws a `DataError` that names it. Throws a `RangeError` for
 * a list without tokens, or with two that are the same.
 *
 * @example
 * ```ts
 * import { Text } from "effect-neuron"
 *
 * const bases = Text.vocabulary(["A", "C", "G", "T", "GATT"])
 * bases.encode("GATTACA") // => Int32Array.of(4, 0, 1, 0)
 * bases.decode([2, 0]) // => "GA"
 * ```
 */
export const vocabulary = (tokens: ReadonlyArray<string>): Tokenizer => {
  const ids = new Map<string, number>()
  for (const [id, token] of tokens.entries()) {
    const other = token === "" ? undefined : ids.get(token)
    if (other !== undefined) {
      throw new RangeError(`Text.vocabulary: tokens ${other} and ${id} are both ${JSON.stringify(token)}`)
    }
    // One without characters is never in a text.
    if (token !== "") ids.set(token, id)
  }
  if (ids.size === 0) {
    throw new RangeError("Text.vocabulary: a list of at least one token that has characters, got none")
  }
  const lengths = [...new Set(Array.from(ids.keys(), (token) => token.length))].sort((a, b) => b - a)
  const expected = `one of the ${ids.size} tokens of the vocabulary`
  /** The length of the token at a place. */
  const fitting = (text: string, at: number): number | undefined =>
    lengths.find((length) => at + length <= text.length && ids.has(text.slice(at, at + length)))
  return made({
    description: { kind: "vocabulary", tokens },
    tokens: tokens.map(utf8),
    encode: (given) => {
      const text = given.toWellFormed(), out: Array<number> = []
      for (let at = 0; at < text.length;) {
        const length = fitting(text, at)
        if (length === undefined) throw noToken(text, at, expected)
        out.push(ids.get(text.slice(at, at + length))!)
        at += length
      }
      return Int32Array.from(out)
    },
    settled: (text) => {
      const end = wholeCharacters(text)
      let at = 0
      // Behind these places a longer token could begin.
      while (at + lengths[0]! <= end) at += fitting(text, at) ?? 1
      return wholeCharacters(text.slice(0, at))
    }
  })
}
