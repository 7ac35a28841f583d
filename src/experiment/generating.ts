import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { Lent } from "../core/lender.ts"
import { isNdArray } from "../core/NdArray.ts"
import { isShape } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import { stateful } from "../layers/stateful.ts"
import { generate } from "../text/generate.ts"
import type { Generated, GenerateOptions } from "../text/generate.ts"
import type { LanguageModel } from "../text/going.ts"
import type { Tokenizer } from "../text/Tokenizer.ts"
import type { Weights } from "../train/predict.ts"
import type { Example } from "./Experiment.ts"

/** How texts are gone on with, by a model whose tokenizer is known. */
export type GeneratingOptions = Omit<GenerateOptions, "tokenizer">

/** A text that was gone on with. */
export interface Sample {
  readonly prompt: string
  readonly text: string
}

/** What a language model can do beside what others can. */
export interface Generating<S, R> {
  readonly generate: (
    state: Lent<S>,
    options: GeneratingOptions
  ) => Stream.Stream<Generated, DataError | TensorError, Backend>
  readonly sample: (state: Lent<S>) => Effect.Effect<Sample, DataError | TensorError, R | Backend>
}

// Enough for what was learned to be seen, and little beside the steps between two samples.
const PROMPT = 16, LENGTH = 200, TEMPERATURE = 0.8

/** Whether a model gives a score for each token at each position, and can go on over time. */
const isLanguageModel = (
  model: Layer<Tree, Tree, Tree, Tree>,
  tokenizer: Tokenizer,
  prediction: ShapeTree
): boolean => {
  if (!isShape(prediction) || prediction.length !== 2 || prediction[1] !== tokenizer.size) return false
  try {
    stateful(model)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** How a model goes on with texts, if it is one of texts; samples go on from the beginning of the first of some examples. */
export const generating = <R>(
  { examples, model, prediction, tokenizer }: {
    readonly model: Layer<Tree, Tree, Tree, Tree>
    readonly tokenizer: Tokenizer | undefined
    readonly prediction: ShapeTree
    readonly examples: Stream.Stream<Example, DataError, R>
  }
): Partial<Generating<Weights<Tree, Tree>, R>> => {
  if (tokenizer === undefined || !isLanguageModel(model, tokenizer, prediction)) return {}
  const ofTokens = model as unknown as LanguageModel<Tree, Tree>
  const goOn: Generating<Weights<Tree, Tree>, R>["generate"] = (state, options) =>
    generate(ofTokens, state, { ...options, tokenizer })
  return {
    generate: goOn,
    sample: (state) =>
      Effect.gen(function*() {
        const first = yield* Stream.runHead(examples)
        const tokens = first._tag === "Some" && isNdArray(first.value.x) ? first.value.x.data.subarray(0, PROMPT) : []
        const prompt = tokenizer.decode(tokens), key = Key.make(0)
        const text = yield* goOn(state, { prompt, length: LENGTH, temperature: TEMPERATURE, key }).pipe(
          Stream.map(({ text }) => text),
          Stream.mkString
        )
        return { prompt, text }
      })
  }
}
