import { Effect } from "effect"
import type { DataError } from "../../core/errors.ts"
import { fitted, tokensOf } from "../../experiment/tokens.ts"
import { wrong } from "./input.ts"
import type { Input } from "./input.ts"

/** A text as tokens, as many as a model takes, which is any number where `length` is `null`. */
export const textInput = (
  text: string,
  name: string,
  length: number | null,
  vocabulary: ReadonlyArray<string>
): Effect.Effect<Input, DataError> => {
  const { firstUnknown, tokens } = tokensOf(text, vocabulary), found = tokens.length
  if (firstUnknown !== undefined) {
    const character = JSON.stringify(String.fromCodePoint(text.codePointAt(firstUnknown)!))
    return Effect.fail(wrong(`character ${firstUnknown + 1} of the text`, "one of the vocabulary", character))
  }
  if (found === 0) return Effect.fail(wrong(name, "a text of at least one token", "none"))
  const used = length === null ? tokens : fitted(tokens, length)
  const x = { data: Int32Array.from(used), shape: [used.length] }
  if (found === used.length) return Effect.succeed({ name, x })
  const what = found > used.length
    ? `of ${found} tokens the last ${used.length} count`
    : `${found} of ${used.length} tokens, filled up with ${JSON.stringify(vocabulary[0])}`
  return Effect.succeed({ name, x, note: what })
}
