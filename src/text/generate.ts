import { Effect, Option, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { breathing } from "../core/breathing.ts"
import { positiveInteger } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import { held } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import * as Random from "../core/Random.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import type { Weights } from "../train/predict.ts"
import { encoded } from "./encode.ts"
import { checkStop, ending } from "./ending.ts"
import { going } from "./going.ts"
import { checkSampling, penalized, sampled } from "./sampling.ts"
import type { SamplingOptions } from "./sampling.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** What a text goes on from, and how far. */
export interface PromptOptions {
  /** The tokenizer that the model was trained with. */
  readonly tokenizer: Tokenizer
  /** How many tokens are added at most. */
  readonly length: number
  /** Texts at which it ends, which are no part of it: `["\n\n", "<|endoftext|>"]`. By default none. */
  readonly stop?: ReadonlyArray<string>
  /**
   * How many tokens the model sees at most, the last ones: for one whose positions are learned. By default all, which
   * costs least.
   */
  readonly context?: number
}

/** The options of {@link generate}. */
export interface GenerateOptions extends PromptOptions, SamplingOptions {
  /** What is gone on with, of at least one token: a text, or several beside each other. */
  readonly prompt: string | ReadonlyArray<string>
  /** What is drawn, by default that of seed 0. */
  readonly key?: Key.Key
}

/** A token that goes on a text. */
export interface Generated {
  /** Which of the prompts it goes on, from 0. */
  readonly prompt: number
  readonly token: number
  /**
   * What of the text is certain with it: a part of a character, or of what would be an end, comes with what follows, so
   * that it can be empty.
   */
  readonly text: string
}

/** The tokens of a prompt. */
export const promptOf = (by: string, tokenizer: Tokenizer, prompt: string): Effect.Effect<Int32Array, DataError> =>
  Effect.flatMap(encoded(tokenizer, prompt), (tokens) =>
    tokens.length > 0 ? Effect.succeed(tokens) : Effect.fail(
      new DataError({ source: by, expected: "a prompt of at least one token", actual: JSON.stringify(prompt) })
    ))

/** One of the texts that go on. */
const textOf = (
  prompt: number,
  given: Int32Array,
  { key, length, stop, tokenizer, ...sampling }: GenerateOptions & { readonly key: Key.Key }
) => {
  const own = Key.fold(key, prompt), text = ending(tokenizer, stop ?? []), before = new Set(given)
  let added = 0, isOver = false, last = given[0]!
  return {
    isOver: () => isOver,
    /** The token at a place: one of the prompt, or one that is drawn by scores, which is added to `out`. */
    at: (place: number, scores: Float32Array, out: Array<Generated>): number => {
      if (place < given.length) return last = given[place]!
      // What has ended goes on in the batch with anything.
      if (isOver) return last
      const drawn = Random.generator(Key.fold(own, added))()
      last = sampled(penalized(scores, before, sampling.repetitionPenalty ?? 1), sampling, drawn)
      before.add(last)
      added += 1
      const next = text.next(last)
      isOver = next.isOver || added === length
      out.push({ prompt, token: last, text: isOver && !next.isOver ? next.text + text.rest() : next.text })
      return last
    }
  }
}

/**
 * Goes on with a text, token by token: a stream of tokens, each with its part of the text. `model` is one that predicts
 * the next token, from tokens `[time]` to scores of all tokens `[time, tokens]`, with layers that carry a state over time
 * (`Layers.stateful`), so that of each token only what is new is computed. In place of weights it takes a trainer, whose
 * state of the beginning it uses to the end; what that carries of other texts it does not.
 *
 * Several prompts go on beside each other, of any lengths; each as it would alone under the same number. The same key
 * gives the same text. Nothing is left of a stream that is stopped.
 *
 * Fails with a `DataError` for a prompt that has no tokens or something for which there is none, and for scores that are
 * no numbers; with a `TensorError` where the model does not take tokens. Throws a `RangeError` for options that are none,
 * and for a model that cannot go on over time.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Layers, Text, Train } from "effect-neuron"
 *
 * const size = Text.bytes.size
 * const model = Layers.named({
 *   embedding: Layers.embedding({ size, features: 16 }),
 *   memory: Layers.gru(32),
 *   head: Layers.dense(size)
 * })
 * const program = Effect.gen(function*() {
 *   const weights = yield* Train.weights(model, { input: [null] })
 *   const options = { tokenizer: Text.bytes, prompt: "To be", length: 20, temperature: 0.8, topK: 40 }
 *   return yield* Text.generate(model, weights, options).pipe(Stream.map(({ text }) => text), Stream.mkString)
 * })
 * const text = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * typeof text // => "string"
 * ```
 */
export const generate = <P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  weights: Lent<Weights<P, S>>,
  options: GenerateOptions
): Stream.Stream<Generated, DataError | TensorError, Backend> => {
  const { key = Key.make(0), length, prompt, stop = [], tokenizer } = options
  const by = "generate", prompts = typeof prompt === "string" ? [prompt] : prompt
  positiveInteger(by, "length", length)
  checkSampling(by, options)
  checkStop(by, stop)
  if (prompts.length === 0) throw new RangeError("generate: prompt is a text, or at least one, got none")
  const texts = going(by, model, options)
  return Stream.unwrap(Effect.gen(function*() {
    const given = yield* Effect.forEach(prompts, (prompt) => promptOf(by, tokenizer, prompt))
    const { after } = yield* texts(yield* held(weights))
    const rows = given.map((tokens, i) => textOf(i, tokens, { ...options, key })), breathe = breathing()
    const first = given.reduce((least, { length }) => Math.min(least, length), Infinity)
    // They go on at one place: the longer prompts are read while the shorter ones are gone on with.
    let next = given.map((tokens) => Array.from(tokens.subarray(0, first)))
    return Stream.paginate(first, (place: number) =>
      Effect.map(Effect.andThen(breathe, after(next)), (scores) => {
        const out: Array<Generated> = []
        next = rows.map((row, i) => [row.at(place, scores[i]!, out)])
        return [out, rows.every((row) => row.isOver()) ? Option.none() : Option.some(place + 1)] as const
      }))
  }))
}
