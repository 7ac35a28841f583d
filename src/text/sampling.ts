import { above0, atLeast0, positiveInteger, refuse } from "../core/check.ts"

/** How the next token is chosen. */
export interface SamplingOptions {
  /**
   * What scores are divided by: below 1 likely tokens become likelier, above 1 all of them more alike; 0 takes the
   * likeliest each time. By default 1.
   */
  readonly temperature?: number
  /** Only so many of the likeliest tokens are chosen from. By default all. */
  readonly topK?: number
  /**
   * Only the likeliest tokens are chosen from which together have at least this probability (Holtzman et al.: "The
   * curious case of neural text degeneration", 2020). By default 1: all.
   */
  readonly topP?: number
  /**
   * What the scores of tokens that were in the text before are divided by, or multiplied with where they are below 0
   * (Keskar et al.: "CTRL", 2019). By default 1.
   */
  readonly repetitionPenalty?: number
}

/** Throws a `RangeError` for options that are none. */
export const checkSampling = (
  by: string,
  { repetitionPenalty = 1, temperature = 1, topK = 1, topP = 1 }: SamplingOptions
): void => {
  atLeast0(by, "temperature", temperature)
  positiveInteger(by, "topK", topK)
  if (!(topP > 0 && topP <= 1)) refuse(by, "topP", "a number above 0 and at most 1", topP)
  above0(by, "repetitionPenalty", repetitionPenalty)
}

/** The highest of some scores, the first one of several. */
export const likeliest = (scores: ArrayLike<number>): number => {
  let best = 0
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i
  return best
}

/** The scores, less those of tokens that were there before. */
export const penalized = (
  scores: Float32Array,
  before: ReadonlySet<number>,
  penalty: number
): Float32Array => {
  if (penalty === 1) return scores
  const out = scores.slice()
  for (const token of before) {
    if (token < out.length) out[token] = out[token]! > 0 ? out[token]! / penalty : out[token]! * penalty
  }
  return out
}

/** The weights with 0 for all but the greatest, as many as there are to choose from; of equal ones the first. */
const truncated = (weights: Float64Array, topK: number, topP: number): Float64Array => {
  const sorted = weights.toSorted().toReversed(), most = Math.min(topK, weights.length)
  const enough = topP * sorted.subarray(0, most).reduce((a, b) => a + b, 0)
  let count = most
  if (topP < 1) {
    let sum = 0
    for (count = 0; count < most && sum < enough;) sum += sorted[count++]!
  }
  const least = sorted[count - 1]!
  let equal = count - sorted.findIndex((weight) => weight === least)
  return weights.map((weight) => weight > least || (weight === least && equal-- > 0) ? weight : 0)
}

/**
 * A token by the scores of all; `drawn` is a number from 0 to 1. First the temperature, then the likeliest `topK`, then
 * the likeliest with `topP` of what is left, as in the library `transformers` of Hugging Face.
 */
export const sampled = (
  scores: Float32Array,
  { temperature = 1, topK = Infinity, topP = 1 }: SamplingOptions,
  drawn: number
): number => {
  const best = likeliest(scores)
  if (temperature === 0) return best
  const all = Float64Array.from(scores, (score) => Math.exp((score - scores[best]!) / temperature))
  const weights = topK < all.length || topP < 1 ? truncated(all, topK, topP) : all
  let left = drawn * weights.reduce((a, b) => a + b, 0)
  for (let token = 0; token < weights.length; token++) {
    left -= weights[token]!
    if (left < 0) return token
  }
  // Rounding can leave a little.
  return best
}
