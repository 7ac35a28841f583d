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
  const tokens: Array<number> = [], unknown = new Set<string>()
  for (let at = 0; at < text.length;) {
    const found = byLength.find(([token]) => text.startsWith(token, at))
    const length = found?.[0].length ?? String.fromCodePoint(text.codePointAt(at)!).length
    if (found === undefined) unknown.add(text.slice(at, at + length))
    else tokens.push(found[1])
    at += length
  }
  return { tokens, unknown: [...unknown] }
}

/** Tokens as long as a model takes them: the last ones, or the first token of the vocabulary behind them. */
export const fitted = (tokens: ReadonlyArray<number>, { data, shape }: Arr): Arr => {
  const fit = data.slice(), from = Math.max(0, tokens.length - fit.length)
  for (let i = 0; i < fit.length; i++) fit[i] = tokens[from + i] ?? 0
  return { data: fit, shape }
}

const FLOAT = 3.4e38

/** What numbers an array takes. */
export const limitsOf = ({ data }: Pick<Arr, "data">) =>
  data instanceof Uint8Array
    ? { type: "integer", minimum: 0, maximum: 255 } as const
    : data instanceof Int32Array
    ? { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 } as const
    : { type: "number", minimum: -FLOAT, maximum: FLOAT } as const

/** A number as a field shows it: float32 has no more digits. */
export const readable = (value: number): number => Number(value.toPrecision(6))

/** An array with one value another one, the nearest that it takes. */
export const withValue = ({ data, shape }: Arr, i: number, value: number): Arr => {
  const { maximum, minimum, type } = limitsOf({ data }), copy = data.slice()
  const within = Math.max(minimum, Math.min(maximum, value))
  copy[i] = type === "integer" ? Math.round(within) : within
  return { data: copy, shape }
}

/** A moment of a series, and a value. */
export type Place = readonly [moment: number, value: number]

/** A series, `[1, length]` or `[1, length, channels]`, with a straight line from one place to another in a channel. */
export const drawnBetween = (series: Arr, channel: number, [from, start]: Place, [to, end]: Place): Arr => {
  const [, , channels = 1] = series.shape, way = Math.abs(to - from), step = Math.sign(to - from)
  let drawn = series
  for (let i = 0; i <= way; i++) {
    const share = way === 0 ? 1 : i / way
    drawn = withValue(drawn, (from + i * step) * channels + channel, start + (end - start) * share)
  }
  return drawn
}

/** The values of a channel of a series `[length, channels]`, or of one without channels. */
export const channelOf = ({ data, shape: [length = 0, channels = 1] }: Arr, channel: number): ReadonlyArray<number> =>
  Array.from({ length }, (_, i) => data[i * channels + channel]!)
