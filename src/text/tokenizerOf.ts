import { Result, Schema } from "effect"
import { shown } from "../core/configuration.ts"
import { DataError } from "../core/errors.ts"
import { messageOf } from "../core/messageOf.ts"
import { bytePairsOf } from "./bytePairsOf.ts"
import { bytes } from "./bytes.ts"
import { charactersOf } from "./characters.ts"
import { TokenizerDescription } from "./description.ts"
import type { Tokenizer } from "./Tokenizer.ts"
import { vocabulary } from "./vocabulary.ts"
import { wordsOf } from "./words.ts"

const ofKind = (description: TokenizerDescription): Result.Result<Tokenizer, DataError> => {
  switch (description.kind) {
    case "bytes":
      return Result.succeed(bytes)
    case "characters":
      return Result.succeed(charactersOf(description.characters))
    case "words":
      return Result.succeed(wordsOf(description.words))
    case "vocabulary":
      return Result.try({
        try: () => vocabulary(description.tokens),
        catch: (cause) =>
          new DataError({ source: "tokenizer", expected: "a vocabulary", actual: messageOf(cause), cause })
      })
    case "bytePairs":
      return bytePairsOf(description)
  }
}

/**
 * The tokenizer of a description, as it stands in the `description` of each: plain JSON of a checkpoint, a run, or a
 * file of one's own. It is read with distrust. Fails with a `DataError` for what describes none.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const again = Text.tokenizer({ kind: "characters", characters: "abc" })
 * Result.getOrThrow(again).encode("cab") // => Int32Array.of(2, 0, 1)
 * ```
 */
export const tokenizer = (description: unknown): Result.Result<Tokenizer, DataError> =>
  Schema.is(TokenizerDescription)(description)
    ? ofKind(description)
    : Result.fail(
      new DataError({
        source: "tokenizer",
        expected: "the description of one (Text.TokenizerDescription)",
        actual: shown(description)
      })
    )
