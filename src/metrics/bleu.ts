import type { Tensor } from "@tensorflow/tfjs-core"
import type { Masked } from "../layers/lambda.ts"
import { wordsOf } from "./editDistance.ts"
import type { Sequence } from "./editDistance.ts"
import type { Metric } from "./Metric.ts"
import { ofSequences } from "./ofSequences.ts"
import type { TokenOptions } from "./ofSequences.ts"

// Up to four words together, as everybody does.
const LONGEST = 4

type Tokens = ReadonlyArray<string | number>

/** How often each run of n tokens stands there. */
const runsOf = (tokens: Tokens, n: number): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (let i = 0; i + n <= tokens.length; i++) {
    const run = JSON.stringify(tokens.slice(i, i + n))
    found.set(run, (found.get(run) ?? 0) + 1)
  }
  return found
}

/** Of each n the runs that are right and all that there are, then the lengths of both. */
const countsOf = (predicted: Tokens, references: ReadonlyArray<Tokens>): ReadonlyArray<number> => {
  const counts: Array<number> = []
  for (let n = 1; n <= LONGEST; n++) {
    const wanted = references.map((reference) => runsOf(reference, n))
    let right = 0
    for (const [run, count] of runsOf(predicted, n)) {
      right += Math.min(count, Math.max(0, ...wanted.map((runs) => runs.get(run) ?? 0)))
    }
    counts.push(right, Math.max(0, predicted.length - n + 1))
  }
  const off = ({ length }: Tokens) => Math.abs(length - predicted.length)
  const [closest] = references.toSorted((a, b) => off(a) - off(b) || a.length - b.length)
  return [...counts, predicted.length, closest?.length ?? 0]
}

const scoreOf = (counts: ArrayLike<number>): number => {
  const length = counts[2 * LONGEST]!, wanted = counts[2 * LONGEST + 1]!
  let sum = 0
  for (let n = 0; n < LONGEST; n++) {
    if (counts[2 * n] === 0) return 0
    sum += Math.log(counts[2 * n]! / counts[2 * n + 1]!)
  }
  return Math.exp(sum / LONGEST + Math.min(0, 1 - wanted / length))
}

const asTokens = (sequence: Sequence): Tokens => typeof sequence === "string" ? wordsOf(sequence) : sequence

/**
 * The BLEU score of texts with references, from 0 to 1 (Papineni et al.: "BLEU: a method for automatic evaluation of
 * machine translation", 2002): the geometric mean of the shares of right runs of one to four tokens, over all texts,
 * times exp(1 - expected length / length) where the texts are shorter than the closest of their references. Texts are
 * split at white space; lists of tokens are taken as they are. It is not smoothed: 0 where no run of four is right.
 * Throws a `RangeError` unless there are references for each text.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * const score = Metrics.bleuScore(["the cat sat on the mat"], [["the cat sat on the red mat", "a cat sat on it"]])
 * score.toFixed(4) // => "0.7953"
 * ```
 */
export const bleuScore = (
  texts: ReadonlyArray<Sequence>,
  references: ReadonlyArray<ReadonlyArray<Sequence>>
): number => {
  if (references.length !== texts.length || !references.every((list) => list.length > 0)) {
    throw new RangeError(
      `bleuScore expects at least one reference for each of ${texts.length} texts, got [${
        references.map((list) => list.length).join(", ")
      }]`
    )
  }
  const all = new Float64Array(2 * LONGEST + 2)
  texts.forEach((text, i) =>
    countsOf(asTokens(text), references[i]!.map(asTokens)).forEach((n, j) => {
      all[j]! += n
    })
  )
  return scoreOf(all)
}

/**
 * The {@link bleuScore} of sequences of tokens as a metric, with one reference each, over a batch, an epoch or a whole
 * test set. Predictions are tokens `[batch, time]`, as a decoder gives them, or scores `[batch, time, classes]`, of which
 * the highest at each step is the token, with a mask, `{ x, mask }`, or without; targets are tokens `[batch, length]`.
 * Throws a `RangeError` for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const bleu = Metrics.bleu(), tokens = tf.tensor2d([[5, 3, 8, 1, 9]], [1, 5], "int32")
 * Metrics.compute(bleu, [bleu.measure(tokens, tokens)]) // => 1
 * ```
 */
export const bleu = (options: TokenOptions = {}): Metric<"bleu", Tensor | Masked> =>
  ofSequences("bleu", options, (predicted, expected) => countsOf(predicted, [expected]), scoreOf)
