import { above0 } from "../../core/check.ts"
import type { Tree } from "../../core/Tree.ts"
import type { Step } from "../Step.ts"
import type { AdversarialState } from "./AdversarialState.ts"
import { adversarialStep } from "./adversarialStep.ts"
import type { AdversarialBatch, AdversarialMeasured, AdversarialOptions } from "./adversarialStep.ts"
import { wasserstein } from "./losses.ts"

/**
 * The step of a Wasserstein GAN (Arjovsky, Chintala, Bottou: "Wasserstein generative adversarial networks", 2017):
 * after each update the critic's parameters are limited to `[-clip, clip]`, by default 0.01, so that its slope is
 * bounded. The paper takes five updates of the critic for one of the generator, and RMSProp at 5e-5 ({@link
 * Optimizers.rmsProp}).
 *
 * Fails as {@link gan} does. Throws a `RangeError` unless `clip` is above 0.
 *
 * @example
 * ```ts
 * import { Adversarial, Layers, Optimizers } from "effect-neuron"
 *
 * const rmsProp = Optimizers.rmsProp(5e-5)
 * const step = Adversarial.wgan({
 *   generator: Layers.dense(1),
 *   critic: Layers.serial(Layers.dense(8), Layers.relu, Layers.dense(1)),
 *   optimizers: { generator: rmsProp, critic: rmsProp },
 *   clip: 0.05
 * })
 * ```
 */
export const wgan = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree>(
  options: AdversarialOptions<PG, SG, PC, SC> & { readonly clip?: number }
): Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured> => {
  const { clip = 0.01 } = options
  above0("wgan", "clip", clip)
  return adversarialStep(options, { loss: wasserstein, clip })
}
