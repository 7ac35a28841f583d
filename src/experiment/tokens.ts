import { highest } from "../metrics/highest.ts"

/** The text of tokens, without anything between them; one that the vocabulary does not have is U+FFFD. */
export const textOf = (tokens: ArrayLike<number>, vocabulary: ReadonlyArray<string>): string =>
  Array.from(tokens, (token) => vocabulary[token] ?? "\ufffd").join("")

/** The token with the highest score at each position, of a score for each of so many tokens. */
export const likeliestTokens = (scores: ArrayLike<number>, vocabulary: number): ReadonlyArray<number> => {
  const all = Array.from(scores)
  return Array.from(
    { length: Math.floor(all.length / vocabulary) },
    (_, i) => highest(all.slice(i * vocabulary, (i + 1) * vocabulary))[1]
  )
}

/** A text as tokens, and what of it is none. */
export interface Tokenized {
  readonly tokens: ReadonlyArray<number>
  /** What no token begins with, each once. */
  readonly unknown: ReadonlyArray<string>
  /** Where the first of that is, in characters from 0. */
  readonly firstUnknown?: number
}

/** A text as tokens: at each place the longest one that fits. */
export const tokensOf = (text: string, vocabulary: ReadonlyArray<string>): Tokenized => {
  const byLength = vocabulary.map((token, i) => [token, i] as const).filter(([token]) => token !== "")
    .sort(([a], [b]) => b.length - a.length)
  const tokens: Array<number> = [], unknown = new Set<string>()
  let firstUnknown: number | undefined
  for (let at = 0; at < text.length;) {
    const found = byLength.find(([token]) => text.startsWith(token, at))
    const length = found?.[0].length ?? String.fromCodePoint(text.codePointAt(at)!).length
    if (found === undefined) {
      unknown.add(text.slice(at, at + length))
      firstUnknown ??= at
    } else tokens.push(found[1])
    at += length
  }
  return { tokens, unknown: [...unknown], ...(firstUnknown === undefined ? {} : { firstUnknown }) }
}

/** Tokens as many as a model takes: the last ones, or the first token of the vocabulary behind them. */
export const fitted = (tokens: ReadonlyArray<number>, length: number): ReadonlyArray<number> => {
  const from = Math.max(0, tokens.length - length)
  return Array.from({ length }, (_, i) => tokens[from + i] ?? 0)
}

/** What {@link fitted} does about a text that is not as long as a model takes, in words. */
export const fittingInWords = (vocabulary: ReadonlyArray<string>): string =>
  `Of a longer text the end counts, a shorter one is filled up with ${JSON.stringify(vocabulary[0] ?? "")}.`
