import { Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import type { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Dataset } from "../datasets/Dataset.ts"
import type { Tokenizer } from "./Tokenizer.ts"
import { fromArray } from "./Tokens.ts"
import type { Tokens } from "./Tokens.ts"
import { countWindows, windows } from "./windows.ts"

/** The options of {@link dataset}. */
export interface TextDatasetOptions {
  /** By default `"text"`. */
  readonly name?: string
  readonly tokenizer: Tokenizer
  readonly train: Tokens
  /** By default none. */
  readonly validation?: Tokens
  readonly test?: Tokens
  /** How many tokens a window has. */
  readonly time: number
  /** Of the order of the windows to train with, see {@link windows}. */
  readonly seed: number
  /** How many windows an epoch has at most: of a longer text others in each epoch. By default all. */
  readonly most?: number
}

/**
 * A text as a data set of {@link windows}, for a model that predicts the next token: those to train with in a random
 * order, another one in each epoch, the others in that of the text. Takes text of any length, `[time]`, so that shapes
 * say nothing of it. Throws a `RangeError` for options that are none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const texts = Text.stories({ length: 10_000 })
 *   const tokenizer = yield* Text.characters(texts), tokens = yield* Text.collect(texts, tokenizer)
 *   const train = Text.part(tokens, 0, 9000), test = Text.part(tokens, 9000, 10_000)
 *   return Text.dataset({ tokenizer, train, test, time: 64, seed: 1 })
 * })
 * Effect.runSync(program).sizes // => { train: 139, validation: 0, test: 15 }
 * ```
 */
export const dataset = (
  { most = Infinity, name = "text", seed, test, time, tokenizer, train, validation }: TextDatasetOptions
): Dataset<NdArray, NdArray, DataError> & { readonly tokenizer: Tokenizer } => {
  if (most !== Infinity) positiveInteger("Text.dataset", "most", most)
  const none = fromArray(new Uint8Array(0)), options = { time, seed }
  const count = (tokens = none) => countWindows(tokens.length, { time })
  // What is too short for a window is a part without examples.
  const inOrder = (tokens = none) => count(tokens) === 0 ? Stream.empty : windows(tokens, { time })
  const size = Math.min(most, countWindows(train.length, options)), shuffled = windows(train, options)
  return {
    name,
    tokenizer,
    shapes: { x: [null], y: [null] },
    classes: [],
    sizes: { train: size, validation: count(validation), test: count(test) },
    train: most === Infinity ? shuffled : Stream.take(shuffled, size),
    validation: inOrder(validation),
    test: inOrder(test)
  }
}
