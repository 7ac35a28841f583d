import { Effect } from "effect"
import type { DataError } from "../../core/errors.ts"
import { firstTokens, fitted } from "../../experiment/tokens.ts"
import { encoded } from "../../text/encode.ts"
import type { Tokenizer } from "../../text/Tokenizer.ts"
import { wrong } from "./input.ts"
import type { Input } from "./input.ts"

/** A text as tokens, as many as a model takes, which is any number where `length` is `null`. */
export const textInput = (
  text: string,
  name: string,
  length: number | null,
  tokenizer: Tokenizer
): Effect.Effect<Input, DataError> =>
  Effect.flatMap(encoded(tokenizer, text), (tokens) => {
    const found = tokens.length
    if (found === 0) return Effect.fail(wrong(name, "a text of at least one token", "none"))
    const used = length === null ? Array.from(tokens) : fitted(tokens, length)
    const x = { data: Int32Array.from(used), shape: [used.length] }
    if (found === used.length) return Effect.succeed({ name, x })
    const what = found > used.length
      ? `of ${found} tokens the last ${used.length} count`
      : `${found} of ${used.length} tokens, filled up with ${firstTokens(tokenizer, 1)}`
    return Effect.succeed({ name, x, note: what })
  })
