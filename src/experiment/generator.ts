import { Effect, Schema } from "effect"
import type { FileSystem, Path } from "effect"
import { digits } from "../datasets/digits.ts"
import { firstOf } from "../datasets/firstOf.ts"
import { mnist } from "../datasets/mnist.ts"
import { adversarial } from "./adversarial.ts"
import { adversarialOptions } from "./adversarialOptions.ts"
import { option, positive, positiveInt, share } from "./config.ts"
import type { Experiment } from "./Experiment.ts"
import { networksOf, stepOf } from "./generatorNetworks.ts"

/** What the two networks minimize; the two Wasserstein ones differ in what bounds the critic's slope. */
export const losses = ["wgan-gp", "non-saturating", "least-squares", "hinge", "wgan"] as const

/** The values of an image: what the generator's tanh gives, and what real images are scaled to. */
export const RANGE = [-1, 1] as const

const sources = ["mnist", "digits"] as const, models = ["cnn", "mlp"] as const

const ofLoss = (description: string, schema: typeof positive | typeof positiveInt) =>
  Schema.optionalKey(
    (schema as typeof positive).annotate({ description: `${description} (default: as the loss wants it)` })
  )

const config = /* @__PURE__ */ Schema.Struct({
  dataset: /* @__PURE__ */ option(/* @__PURE__ */ Schema.Literals(sources), "digits", "The real images"),
  model: /* @__PURE__ */ option(
    /* @__PURE__ */ Schema.Literals(models),
    "cnn",
    "Convolutional networks or multilayer perceptrons"
  ),
  loss: /* @__PURE__ */ option(
    /* @__PURE__ */ Schema.Literals(losses),
    "non-saturating",
    "What the two networks minimize"
  ),
  conditional: /* @__PURE__ */ option(
    Schema.Boolean,
    false,
    "Tell both networks the class of an image, so that classes can be asked for"
  ),
  .../* @__PURE__ */ adversarialOptions(),
  examples: /* @__PURE__ */ option(positiveInt, 60_000, "Different real images"),
  criticSteps: /* @__PURE__ */ ofLoss("Updates of the critic before each of the generator", positiveInt),
  generatorLearningRate: /* @__PURE__ */ ofLoss("Adam's for the generator", positive),
  criticLearningRate: /* @__PURE__ */ ofLoss("Adam's for the critic", positive),
  latent: /* @__PURE__ */ option(positiveInt, 64, "The numbers of noise that an image is made of"),
  average: /* @__PURE__ */ option(
    share,
    0.995,
    "The share that the moving average of the generator's weights keeps in a step"
  )
})

/** The configuration of {@link generator}. */
export type GeneratorConfig = typeof config.Type

type ByLoss = Required<Pick<GeneratorConfig, "criticSteps" | "generatorLearningRate" | "criticLearningRate">>

/** A configuration with what depends on the loss. */
export type GanConfig = GeneratorConfig & ByLoss

/**
 * How often the critic is updated for one update of the generator, and how fast both learn: what served MNIST within
 * some minutes. With a gradient penalty the paper updates the critic five times, at 1e-4, which takes many times as
 * long.
 */
export const byLoss: { readonly [L in GeneratorConfig["loss"]]: ByLoss } = {
  "wgan-gp": { criticSteps: 2, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  "non-saturating": { criticSteps: 1, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  "least-squares": { criticSteps: 1, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  hinge: { criticSteps: 1, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  wgan: { criticSteps: 5, generatorLearningRate: 2e-4, criticLearningRate: 2e-4 }
}

/** A configuration with what its loss wants where it does not say it. */
export const complete = (config: GeneratorConfig): GanConfig => ({ ...byLoss[config.loss], ...config })

// Bytes, which take a quarter of the memory.
const pixels = "uint8"

/**
 * A generator of digits against a critic, of five losses, conditional or not: small networks as in DCGAN, or dense
 * ones.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const { config } = Experiment.generator
 * Effect.runSync(Experiment.parse("generator", config, { loss: "wgan-gp" })).latent // => 64
 * ```
 */
export const generator: Experiment<GeneratorConfig, FileSystem.FileSystem | Path.Path> = /* @__PURE__ */ adversarial({
  name: "generator",
  description: "A generator of digits against a critic",
  config,
  data: ({ dataset, examples }) =>
    dataset === "digits"
      ? Effect.succeed(digits({ pixels, train: examples, inMemory: true }))
      : Effect.map(mnist({ pixels }), (images) => firstOf(images, examples)),
  latent: ({ latent }) => ({ shape: [latent] }),
  networks: (config) => networksOf(complete(config)),
  step: (networks, config) => stepOf(complete(config), networks),
  criticSteps: (config) => complete(config).criticSteps,
  range: RANGE
})
