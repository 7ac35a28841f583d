import { Effect, Stream } from "effect"
import type { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { noText, settledParts } from "./parts.ts"
import { made, noToken, utf8, wholeCharacters } from "./Tokenizer.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** The tokenizer of characters that are known. */
export const charactersOf = (characters: string): Tokenizer => {
  const list = Array.from(characters)
  const ids = new Map(list.map((character, id) => [character.codePointAt(0)!, id]))
  const expected = `one of the ${ids.size} characters that the tokenizer has`
  return made({
    description: { kind: "characters", characters },
    tokens: list.map(utf8),
    encode: (given) => {
      const text = given.toWellFormed(), out = new Int32Array(text.length)
      let count = 0
      for (let at = 0; at < text.length; at++) {
        const point = text.codePointAt(at)!, id = ids.get(point)
        if (id === undefined) throw noToken(text, at, expected)
        out[count++] = id
        if (point > 0xffff) at++
      }
      return out.slice(0, count)
    },
    settled: wholeCharacters
  })
}

/**
 * A tokenizer with a token for each character that texts have, in the order of Unicode. It takes a stream of strings,
 * pieces of one text, of any size. A text with another character has no tokens: `encode` throws a `DataError` that names
 * it. Fails with a `DataError` for a text without characters.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const tokenizer = Effect.runSync(Text.characters(Stream.make("to be ", "or not")))
 * tokenizer.size // => 7
 * tokenizer.encode("robe") // => Int32Array.of(5, 4, 1, 2)
 * tokenizer.encode("rose") // throws DataError: text, character 3: expected one of the 7 characters that the tokenizer has, found "s" (U+0073)
 * ```
 */
export const characters: {
  (): <E, R>(texts: Stream.Stream<string, E, R>) => Effect.Effect<Tokenizer, E | DataError, R>
  <E, R>(texts: Stream.Stream<string, E, R>): Effect.Effect<Tokenizer, E | DataError, R>
} = /* @__PURE__ */ operator(() => <E, R>(texts: Stream.Stream<string, E, R>) =>
  texts.pipe(
    settledParts(wholeCharacters),
    Stream.runFold(() => new Set<string>(), (found, text) => {
      for (const character of text.toWellFormed()) found.add(character)
      return found
    }),
    Effect.flatMap((found) => {
      const points = Array.from(found, (character) => character.codePointAt(0)!).sort((a, b) => a - b)
      return points.length === 0
        ? Effect.fail(noText("Text.characters"))
        : Effect.succeed(charactersOf(points.map((point) => String.fromCodePoint(point)).join("")))
    })
  )
)
