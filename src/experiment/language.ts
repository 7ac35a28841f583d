import { Schema } from "effect"
import type { FileSystem } from "effect"
import type { Tree } from "../core/Tree.ts"
import * as Layers from "../layers/index.ts"
import type { Any } from "../layers/Layer.ts"
import { softmaxCrossEntropy } from "../losses/softmaxCrossEntropy.ts"
import { perplexity } from "../metrics/perplexity.ts"
import * as Optimizers from "../optimizers/index.ts"
import { bitsPerCharacter } from "../text/bitsPerCharacter.ts"
import type { Tokenizer } from "../text/Tokenizer.ts"
import type { Codec } from "./config.ts"
import { option, options, positiveInt, share } from "./config.ts"
import type { Experiment } from "./Experiment.ts"
import { languageData, reading } from "./languageData.ts"
import { scheduled } from "./scheduled.ts"
import { supervised } from "./supervised.ts"

/** Steps are cut to this norm: what a rare text gives can be many times as much as others. */
const LONGEST = 1

const training = /* @__PURE__ */ options({ epochs: 2, batchSize: 12, learningRate: 1e-3, schedule: "cosine" })

const gptConfig = /* @__PURE__ */ Schema.Struct({
  .../* @__PURE__ */ reading(),
  layers: /* @__PURE__ */ option(positiveInt, 4, "Blocks of attention and a feed-forward part"),
  features: /* @__PURE__ */ option(positiveInt, 128, "Values of a token inside of the model"),
  heads: /* @__PURE__ */ option(positiveInt, 4, "Heads of attention, a divisor of the features"),
  dropout: /* @__PURE__ */ option(share, 0, "The probability with which values are dropped in training"),
  ...training
})

/** The configuration of {@link gpt}. */
export type GptConfig = typeof gptConfig.Type

const recurrentConfig = /* @__PURE__ */ Schema.Struct({
  .../* @__PURE__ */ reading(),
  layers: /* @__PURE__ */ option(positiveInt, 1, "Recurrent layers, one above the other"),
  units: /* @__PURE__ */ option(positiveInt, 256, "Units of each of them"),
  features: /* @__PURE__ */ option(positiveInt, 64, "Values of a token that they are given"),
  dropout: /* @__PURE__ */ option(share, 0, "The probability with which what a layer gives is dropped in training"),
  ...training
})

/** The configuration of {@link lstm}, {@link gru} and {@link rnn}. */
export type RecurrentConfig = typeof recurrentConfig.Type

type Model = Layers.Layer<Tree, Tree>

// What runs it only passes its trees on, so that their exact types are left out.
const gptOf = ({ dropout, features, heads, layers, time }: GptConfig, size: number): Model =>
  Layers.tied(
    { size, features },
    Layers.transformerEncoder({
      ...{ layers, features, heads, dropout, causal: true },
      // Positions say how far away a token is, so that a text can be gone on with for longer than it was trained with.
      ...{ positions: "rotary", window: time }
    })
  ) as Any as Model

const recurrentOf = (
  layer: (units: number) => Any,
  { dropout, features, layers, units }: RecurrentConfig,
  size: number
): Model => {
  const memories = Array.from({ length: layers }, (_, i) => [`memory${i + 1}`, layer(units)] as const)
  const drop = dropout > 0 ? { drop: Layers.dropout(dropout) } : {}
  return Layers.named({
    embedding: Layers.embedding({ size, features }),
    ...Object.fromEntries(memories),
    ...drop,
    head: Layers.dense(size)
  }) as Any as Model
}

type LanguageExperiment<C> = Experiment<C, FileSystem.FileSystem>

/** The tokenizer of a text that is trained with. */
const ofData = (data: { readonly tokenizer?: Tokenizer }): Tokenizer => data.tokenizer!

const language = <C extends GptConfig | RecurrentConfig>(
  name: string,
  description: string,
  config: Codec<C>,
  model: (config: C, size: number) => Model
): LanguageExperiment<C> =>
  supervised({
    name,
    description,
    config,
    data: languageData,
    model: (config, data) => model(config, ofData(data).size),
    loss: () => softmaxCrossEntropy,
    metrics: (_, data) => [perplexity(), bitsPerCharacter(ofData(data))],
    optimizer: (config, { steps }) =>
      scheduled(
        (rate) => Optimizers.chain(Optimizers.clipByGlobalNorm(LONGEST), Optimizers.adam(rate)),
        config,
        steps
      )
  })

/**
 * A language model of attention, such as GPT: it predicts the next token of a text from a file, or of small stories.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { Backend, Experiment } from "effect-neuron"
 *
 * const { gpt } = Experiment
 * const program = Effect.flatMap(Experiment.parse("gpt", gpt.config, { layers: 2 }), (config) => gpt.open(config))
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * const { about } = await Effect.runPromise(Effect.provide(program, services))
 * about.networks["model"]!.parameters // => 402432
 * ```
 */
export const gpt: LanguageExperiment<GptConfig> = /* @__PURE__ */ language(
  "gpt",
  "A language model of attention, such as GPT, of a text",
  gptConfig,
  gptOf
)

/**
 * A language model with the memory of `Layers.lstm`, as {@link gpt}.
 *
 * @example
 * ```ts
 * import { Experiment } from "effect-neuron"
 *
 * Experiment.fieldsOf(Experiment.lstm.config).map(({ name }) => name).includes("units") // => true
 * ```
 */
export const lstm: LanguageExperiment<RecurrentConfig> = /* @__PURE__ */ language(
  "lstm",
  "A language model with long short-term memory, of a text",
  recurrentConfig,
  (config, size) => recurrentOf(Layers.lstm, config, size)
)

/**
 * A language model with the memory of `Layers.gru`, as {@link gpt}.
 *
 * @example
 * ```ts
 * import { Experiment } from "effect-neuron"
 *
 * Experiment.gru.name // => "gru"
 * ```
 */
export const gru: LanguageExperiment<RecurrentConfig> = /* @__PURE__ */ language(
  "gru",
  "A language model with gated recurrent units, of a text",
  recurrentConfig,
  (config, size) => recurrentOf(Layers.gru, config, size)
)

/**
 * A language model with the memory of `Layers.rnn`, as {@link gpt}.
 *
 * @example
 * ```ts
 * import { Experiment } from "effect-neuron"
 *
 * Experiment.rnn.name // => "rnn"
 * ```
 */
export const rnn: LanguageExperiment<RecurrentConfig> = /* @__PURE__ */ language(
  "rnn",
  "A language model with a recurrent network, of a text",
  recurrentConfig,
  (config, size) => recurrentOf(Layers.rnn, config, size)
)
