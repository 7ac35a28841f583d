import { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { breathing } from "../core/breathing.ts"
import { atLeast0, positiveInteger } from "../core/check.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import { held } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Weights } from "../train/predict.ts"
import { checkStop } from "./ending.ts"
import { promptOf } from "./generate.ts"
import type { PromptOptions } from "./generate.ts"
import { going } from "./going.ts"

/** The options of {@link beamSearch}. */
export interface BeamSearchOptions extends PromptOptions {
  /** What is gone on with, of at least one token. */
  readonly prompt: string
  /** How many texts are gone on with beside each other, and given in the end. */
  readonly beams: number
  /**
   * How much longer texts are favored: the logarithm of the probability of one is divided by ((5 + tokens) / 6) to this
   * power (Wu et al.: "Google's neural machine translation system", 2016). By default 0.6; 0 favors none.
   */
  readonly lengthPenalty?: number
}

/** A text that a search has found. */
export interface Beam {
  readonly tokens: ReadonlyArray<number>
  /** Without the prompt, and without the text that it ended at. */
  readonly text: string
  /** The logarithm of its probability, divided as `lengthPenalty` says. */
  readonly score: number
}

/** A text that is gone on with, in a row of the batch. */
interface Candidate {
  readonly tokens: ReadonlyArray<number>
  readonly logProbability: number
  readonly row: number
}

const logProbabilities = (scores: Float32Array): Float64Array => {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity)
  const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0))
  return Float64Array.from(scores, (score) => score - most - total)
}

/** The likeliest of what can follow, at most `most` for each text and in all. */
const likeliest = (
  texts: ReadonlyArray<Candidate>,
  scores: ReadonlyArray<Float32Array>,
  most: number
): ReadonlyArray<Candidate> =>
  texts.flatMap(({ logProbability, tokens }, row) => {
    const of = logProbabilities(scores[row]!), least = of.toSorted().at(-Math.min(most, of.length))!
    const out: Array<Candidate> = []
    for (const [token, own] of of.entries()) {
      if (own >= least) out.push({ tokens: [...tokens, token], logProbability: logProbability + own, row })
    }
    return out
  }).sort((a, b) => b.logProbability - a.logProbability).slice(0, most)

/**
 * The likeliest texts that go on from a prompt, as far as a search finds them that goes on with `beams` texts beside
 * each other: after each token with the likeliest of all that could follow. A text is done with the first of `stop`, or
 * when it has `length` tokens; the best ones are given, the best first. Model, weights and tokenizer are as for {@link
 * generate}, and so are failures.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Layers, Text, Train } from "effect-neuron"
 *
 * const size = Text.bytes.size
 * const model = Layers.named({ embedding: Layers.embedding({ size, features: 8 }), memory: Layers.gru(8), head: Layers.dense(size) })
 * const program = Effect.flatMap(Train.weights(model, { input: [null] }), (weights) =>
 *   Text.beamSearch(model, weights, { tokenizer: Text.bytes, prompt: "To be", length: 5, beams: 4, stop: ["\n"] }))
 * const found = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * found.length // => 4
 * found[0]!.score >= found[3]!.score // => true
 * ```
 */
export const beamSearch = <P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  weights: Lent<Weights<P, S>>,
  options: BeamSearchOptions
): Effect.Effect<ReadonlyArray<Beam>, DataError | TensorError, Backend> => {
  const { beams, length, lengthPenalty = 0.6, prompt, stop = [], tokenizer } = options, by = "beamSearch"
  positiveInteger(by, "length", length)
  positiveInteger(by, "beams", beams)
  atLeast0(by, "lengthPenalty", lengthPenalty)
  checkStop(by, stop)
  const texts = going(by, model, options)
  const divided = (logProbability: number, tokens: number) => logProbability / ((5 + tokens) / 6) ** lengthPenalty
  /** The text of tokens up to where it ends, and whether it does. */
  const endOf = (tokens: ReadonlyArray<number>) => {
    const text = tokenizer.decode(tokens)
    const ends = stop.map((end) => text.indexOf(end)).filter((at) => at >= 0)
    return ends.length === 0 ? { text, isOver: tokens.length === length } : {
      text: text.slice(0, Math.min(...ends)),
      isOver: true
    }
  }
  return Effect.scoped(Effect.gen(function*() {
    const given = yield* promptOf(by, tokenizer, prompt)
    const { after, choose } = yield* texts(yield* held(weights)), breathe = breathing()
    const found: Array<Beam> = []
    let live: ReadonlyArray<Candidate> = [{ tokens: [], logProbability: 0, row: 0 }]
    let scores = yield* after([Array.from(given)])
    for (;;) {
      const next: Array<Candidate> = []
      // Of as many again as there are texts, so many are not over.
      for (const candidate of likeliest(live, scores, 2 * beams)) {
        const { logProbability, tokens } = candidate, { isOver, text } = endOf(tokens)
        if (isOver) found.push({ tokens, text, score: divided(logProbability, tokens.length) })
        else if (next.length < beams) next.push(candidate)
      }
      found.sort((a, b) => b.score - a.score).splice(beams)
      // A text becomes no likelier, and is never divided by more than at its full length.
      const best = next.reduce((most, { logProbability }) => Math.max(most, divided(logProbability, length)), -Infinity)
      if (next.length === 0 || (found.length === beams && found.at(-1)!.score >= best)) return found
      yield* choose(next.map(({ row }) => row))
      live = next
      yield* breathe
      scores = yield* after(next.map(({ tokens }) => [tokens.at(-1)!]))
    }
  }))
}
