import type { NdArray } from "effect-neuron"
import { classProbabilities } from "../../../src/core/softmax.ts"
import { highest } from "../../../src/metrics/highest.ts"

type Arr = NdArray.NdArray

/** The probabilities of classes, of what a model gives for one example: a score for each, or one for the second of two. */
export const probabilitiesOf = ({ data }: Pick<Arr, "data">, count: number): ReadonlyArray<number> =>
  classProbabilities(data as Float32Array, count)

/** The text of tokens; one that the vocabulary does not have is a question mark. */
export const textOf = (tokens: ArrayLike<number>, vocabulary: ReadonlyArray<string>): string =>
  Array.from(tokens, (token) => vocabulary[token] ?? "?").join("")

/** The likeliest text of the scores of a vocabulary at each position. */
export const likeliest = ({ data }: Pick<Arr, "data">, vocabulary: ReadonlyArray<string>): string => {
  const n = vocabulary.length
  return textOf(
    Array.from({ length: Math.floor(data.length / n) }, (_, i) => highest(data.subarray(i * n, (i + 1) * n))[1]),
    vocabulary
  )
}

/** A text as tokens, the longest that fits at each place, and what of it is no token. */
export const tokensOf = (
  text: string,
  vocabulary: ReadonlyArray<string>
): { readonly tokens: ReadonlyArray<number>; readonly unknown: ReadonlyArray<string> } => {
  const byLength = vocabulary.map((token, i) => [token, i] as const).filter(([token]) => token !== "")
    .sort(([a], [b]) => b.length - a.length)
  const tokens: Array<number> = [], unknown: Array<string> = []
  for (let at = 0; at < text.length;) {
    const found = byLength.find(([token]) => text.startsWith(token, at))
    if (found === undefined) unknown.push(text[at]!)
    else tokens.push(found[1])
    at += found?.[0].length ?? 1
  }
  return { tokens, unknown }
}

/** Tokens as long as a model takes them: the last ones, or the first token of the vocabulary behind them. */
export const fitted = (tokens: ReadonlyArray<number>, length: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => tokens[Math.max(0, tokens.length - length) + i] ?? 0)

/** An array with one value another one. */
export const withValue = ({ data, shape }: Arr, i: number, value: number): Arr => {
  const copy = data.slice()
  copy[i] = value
  return { data: copy, shape }
}

/** The values of a channel of a series `[length, channels]`, or of one without channels. */
export const channelOf = ({ data, shape: [length = 0, channels = 1] }: Arr, channel: number): ReadonlyArray<number> =>
  Array.from({ length }, (_, i) => data[i * channels + channel]!)
