import type { Tree } from "../../core/Tree.ts"
import type { Step } from "../Step.ts"
import type { AdversarialState } from "./AdversarialState.ts"
import { adversarialStep } from "./adversarialStep.ts"
import type { AdversarialBatch, AdversarialMeasured, AdversarialOptions } from "./adversarialStep.ts"
import { checkLabels } from "./labels.ts"
import type { LabelOptions } from "./labels.ts"
import { nonSaturating } from "./losses.ts"
import type { AdversarialLoss } from "./losses.ts"

/**
 * The step of a generative adversarial network (Goodfellow et al.: "Generative adversarial nets", 2014): the critic is
 * updated on each real batch and as many generated examples, then the generator once. `loss` is
 * `Adversarial.nonSaturating` (the default), `leastSquares` or `hinge`. How many updates of the critic make one step is
 * said where the batches are made, in `Pipeline.withNoise`.
 *
 * Fails with a `TensorError` that names the step and the shapes when a batch does not fit. Throws a `RangeError` for
 * labels or a decay out of range, and for labels with a loss that has none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Adversarial, Backend, Datasets, Key, Layers, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
 *
 * const networks = {
 *   generator: Layers.dense(1),
 *   critic: Layers.serial(Layers.dense(8), Layers.leakyRelu(), Layers.dense(1)),
 *   optimizers: { generator: Optimizers.adam(1e-3), critic: Optimizers.adam(1e-3) }
 * }
 * const threes = Stream.make({ x: NdArray.make([3], [1]) }).pipe(Stream.forever, Pipeline.batch(16))
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Adversarial.init({ ...networks, latent: { shape: [2] }, input: [1], key: Key.make(1) }),
 *     Adversarial.gan({ ...networks, labels: { real: 0.9 } })
 *   )
 *   return yield* threes.pipe(
 *     Pipeline.withNoise(Datasets.noise({ shape: [2], seed: 2 })),
 *     trainer.run,
 *     Stream.take(5),
 *     Stream.runCollect
 *   )
 * })
 * const metrics = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
 * metrics.map(({ step }) => step) // => [1, 2, 3, 4, 5]
 * metrics.every(({ criticLoss, generatorLoss }) => criticLoss > 0 && generatorLoss > 0) // => true
 * ```
 */
export const gan = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree>(
  options: AdversarialOptions<PG, SG, PC, SC> & {
    readonly loss?: AdversarialLoss
    readonly labels?: LabelOptions
  }
): Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured> => {
  const { labels, loss = nonSaturating } = options
  if (labels !== undefined && !loss.labeled) throw new RangeError(`gan: the loss ${loss.name} has no labels`)
  return adversarialStep(options, { loss, labels: checkLabels(labels ?? {}) })
}
