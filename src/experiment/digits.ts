import { Effect, Schema } from "effect"
import type { FileSystem, Path } from "effect"
import type { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Dataset } from "../datasets/Dataset.ts"
import type { DatasetUnavailable } from "../datasets/DatasetUnavailable.ts"
import { digits as generated } from "../datasets/digits.ts"
import { firstOf } from "../datasets/firstOf.ts"
import { mnist as readMnist } from "../datasets/mnist.ts"
import { softmaxCrossEntropy } from "../losses/softmaxCrossEntropy.ts"
import { accuracy } from "../metrics/accuracy.ts"
import * as Optimizers from "../optimizers/index.ts"
import { option, options, positiveInt } from "./config.ts"
import { classifierOf, classifiers } from "./digitsNetworks.ts"
import type { Experiment } from "./Experiment.ts"
import { scheduled } from "./scheduled.ts"
import { supervised } from "./supervised.ts"

/** What updates the weights, by name. */
const optimizers = {
  adam: Optimizers.adam,
  adamW: Optimizers.adamW,
  sgd: Optimizers.sgd,
  momentum: (rate: Optimizers.LearningRate) => Optimizers.sgd(rate, { momentum: 0.9 })
} as const

const names = Object.keys(optimizers) as Array<keyof typeof optimizers>

const config = /* @__PURE__ */ Schema.Struct({
  model: /* @__PURE__ */ option(
    /* @__PURE__ */ Schema.Literals(classifiers),
    "cnn",
    "Convolutional networks or multilayer perceptrons"
  ),
  .../* @__PURE__ */ options({ epochs: 1, batchSize: 64, learningRate: 3e-3, schedule: "cosine", validation: 0.05 }),
  optimizer: /* @__PURE__ */ option(/* @__PURE__ */ Schema.Literals(names), "adam", "What updates the weights"),
  examples: /* @__PURE__ */ option(positiveInt, 60_000, "Different training examples")
})

/** The configuration of {@link digits} and {@link mnist}. */
export type DigitsConfig = typeof config.Type

// Bytes all the way to the model, which scales them.
const pixels = "uint8"

const classifying = <E extends DataError | DatasetUnavailable, R>(
  name: string,
  description: string,
  data: (config: DigitsConfig) => Effect.Effect<Dataset<NdArray, NdArray, DataError>, E, R>
): Experiment<DigitsConfig, R> =>
  supervised({
    name,
    description,
    config,
    data,
    model: ({ model }) => classifierOf(model),
    loss: () => softmaxCrossEntropy,
    metrics: () => [accuracy],
    optimizer: ({ optimizer, ...config }, { steps }) => scheduled(optimizers[optimizer], config, steps)
  })

/**
 * Telling handwritten-like digits apart that are drawn as they are needed (`Datasets.digits`): it needs no file and no
 * network.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Experiment } from "effect-neuron"
 *
 * const { digits } = Experiment
 * const program = Effect.flatMap(Experiment.parse("digits", digits.config, { model: "mlp" }), (config) => digits.open(config))
 * const { about } = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * about.networks["model"]!.parameters // => 101770
 * ```
 */
export const digits: Experiment<DigitsConfig> = /* @__PURE__ */ classifying(
  "digits",
  "Generated handwritten-like digits, told apart",
  ({ examples }) => Effect.succeed(generated({ pixels, train: examples, inMemory: true }))
)

/**
 * Telling the digits of MNIST apart. Opening it fails with a `DatasetUnavailable` where the files are neither on the
 * machine nor to be fetched (`Datasets.mnist`).
 *
 * @example
 * ```ts
 * import { Experiment } from "effect-neuron"
 *
 * Experiment.fieldsOf(Experiment.mnist.config).map(({ name }) => name).slice(0, 3) // => ["model", "epochs", "batchSize"]
 * ```
 */
export const mnist: Experiment<DigitsConfig, FileSystem.FileSystem | Path.Path> = /* @__PURE__ */ classifying(
  "mnist",
  "The handwritten digits of MNIST, told apart",
  ({ examples }) => Effect.map(readMnist({ pixels }), (dataset) => firstOf(dataset, examples))
)
