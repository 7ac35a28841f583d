import { Schema } from "effect"
import { common, runKind } from "../config.ts"

/** What the two networks minimize; the two Wasserstein ones differ in what bounds the critic's slope. */
export const losses = ["wgan-gp", "non-saturating", "least-squares", "hinge", "wgan"] as const

/** The values of an image: what the generator's tanh gives, and what real images are scaled to. */
export const RANGE = [-1, 1] as const

/** All that the weights of an adversarial run depend on; kept with its checkpoint, so that it can be gone on with. */
export const GanConfig = Schema.Struct({
  dataset: common.dataset,
  model: common.model,
  loss: Schema.Literals(losses),
  conditional: Schema.Boolean,
  latent: Schema.Int,
  steps: Schema.Int,
  batchSize: common.batchSize,
  criticSteps: Schema.Int,
  generatorLearningRate: Schema.Finite,
  criticLearningRate: Schema.Finite,
  average: Schema.Finite,
  seed: common.seed,
  backend: common.backend
})

export type GanConfig = typeof GanConfig.Type

/** What a run is when nothing else is asked for, but for what depends on the loss. */
export const defaults = {
  model: "cnn",
  loss: "non-saturating",
  conditional: false,
  latent: 64,
  steps: 3000,
  batchSize: 64,
  average: 0.995,
  seed: 42,
  backend: "wasm"
} as const satisfies Partial<GanConfig>

type ByLoss = Pick<GanConfig, "criticSteps" | "generatorLearningRate" | "criticLearningRate">

/**
 * How often the critic is updated for one update of the generator, and how fast both learn: what served MNIST within
 * some minutes. With a gradient penalty the paper updates the critic five times, at 1e-4, which takes many times as
 * long.
 */
export const byLoss: { readonly [L in GanConfig["loss"]]: ByLoss } = {
  "wgan-gp": { criticSteps: 2, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  "non-saturating": { criticSteps: 1, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  "least-squares": { criticSteps: 1, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  hinge: { criticSteps: 1, generatorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  wgan: { criticSteps: 5, generatorLearningRate: 2e-4, criticLearningRate: 2e-4 }
}

/** Adversarial training, by `effect-neuron gan train`. */
export const adversarial = runKind("gan", GanConfig, {
  kind: "adversarial",
  complete: (asked) => ({ ...defaults, ...byLoss[asked.loss ?? defaults.loss], ...asked }),
  grows: "steps",
  nameOf: ({ dataset, loss }) => `${dataset}-${loss}`
})
