import { natural, option, positiveInt } from "./config.ts"

/** What the configuration of every adversarial experiment has. */
export interface AdversarialOptions {
  /** Updates of the generator. */
  readonly steps: number
  readonly batchSize: number
  readonly seed: number
}

/**
 * The fields that the configuration of every adversarial experiment has, with defaults of one's own.
 *
 * | field | default | |
 * |---|---|---|
 * | `steps` | 3000 | updates of the generator |
 * | `batchSize` | 64 | examples in an update |
 * | `seed` | 42 | of the first weights, of the noise, of the order of the examples |
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const config = Schema.Struct({
 *   ...Experiment.adversarialOptions({ steps: 500 }),
 *   latent: Experiment.option(Experiment.positiveInt, 16, "Numbers of noise")
 * })
 * Schema.decodeUnknownSync(config)({}) // => { steps: 500, batchSize: 64, seed: 42, latent: 16 }
 * ```
 */
export const adversarialOptions = (
  { batchSize = 64, seed = 42, steps = 3000 }: Partial<AdversarialOptions> = {}
) => ({
  steps: option(positiveInt, steps, "Updates of the generator"),
  batchSize: option(positiveInt, batchSize, "Examples in an update"),
  seed: option(natural, seed, "The same seed gives the same weights")
})
