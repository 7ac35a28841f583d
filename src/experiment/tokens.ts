import { Result } from "effect"
import type { DataError } from "../core/errors.ts"
import { highest } from "../metrics/highest.ts"
import type { TokenizerDescription } from "../text/description.ts"
import type { Tokenizer } from "../text/Tokenizer.ts"
import { tokenizer } from "../text/tokenizerOf.ts"

const made = new WeakMap<TokenizerDescription, Result.Result<Tokenizer, DataError>>()

/** The tokenizer of a description, made once, or why there is none. */
export const tokenizerFor = (description: TokenizerDescription): Result.Result<Tokenizer, DataError> => {
  const known = made.get(description)
  if (known !== undefined) return known
  const found = tokenizer(description)
  made.set(description, found)
  return found
}

/** The tokenizer of a text that is looked at; that there is one is known of those that fit. */
export const tokenizerOf = (view: { readonly tokenizer: TokenizerDescription }): Tokenizer =>
  Result.getOrThrow(tokenizerFor(view.tokenizer))

/** The token with the highest score at each position, of a score for each of so many tokens. */
export const likeliestTokens = (scores: ArrayLike<number>, size: number): ReadonlyArray<number> => {
  const all = Array.from(scores)
  return Array.from(
    { length: Math.floor(all.length / size) },
    (_, i) => highest(all.slice(i * size, (i + 1) * size))[1]
  )
}

/** The text of the token with the highest score at each position. */
export const likeliestText = (scores: ArrayLike<number>, tokenizer: Tokenizer): string =>
  tokenizer.decode(likeliestTokens(scores, tokenizer.size))

/** Tokens as many as a model takes: the last ones, or the first token of all behind them. */
export const fitted = (tokens: ArrayLike<number>, length: number): ReadonlyArray<number> => {
  const from = Math.max(0, tokens.length - length)
  return Array.from({ length }, (_, i) => tokens[from + i] ?? 0)
}

/** The first tokens of a tokenizer as they are written, in quotes. */
export const firstTokens = (tokenizer: Tokenizer, count: number): string =>
  Array.from({ length: Math.min(count, tokenizer.size) }, (_, token) => JSON.stringify(tokenizer.decode([token])))
    .join(", ")

/** What {@link fitted} does about a text that is not as long as a model takes, in words. */
export const fittingInWords = (tokenizer: Tokenizer): string =>
  `Of a longer text the end counts, a shorter one is filled up with ${firstTokens(tokenizer, 1)}.`
