import { above0 } from "../../core/check.ts"
import type { Tree } from "../../core/Tree.ts"
import type { Step } from "../Step.ts"
import type { AdversarialState } from "./AdversarialState.ts"
import { adversarialStep } from "./adversarialStep.ts"
import type { AdversarialBatch, AdversarialMeasured, AdversarialOptions } from "./adversarialStep.ts"
import type { PenaltyOptions } from "./gradientPenalty.ts"
import { wasserstein } from "./losses.ts"

const mixing = "the critic mixes the examples of a batch (batchNorm), the penalty is of each: use layerNorm"

/**
 * The step of a Wasserstein GAN with gradient penalty (Gulrajani et al.: "Improved training of Wasserstein GANs",
 * 2017): the critic also minimizes `lambda` (by default 10) times the mean of {@link gradientPenalty} at points between
 * real and generated examples, with its true gradient, of second order. The paper takes five updates of the critic for
 * one of the generator, and Adam at 1e-4 with β1 = 0 and β2 = 0.9.
 *
 * Fails as {@link gan} does. Throws a `RangeError` unless `lambda` is above 0, and for a critic that mixes the examples
 * of a batch (`Layers.batchNorm`; `mixesExamples`), while the penalty is of each alone: take `Layers.layerNorm`.
 *
 * @example
 * ```ts
 * import { Adversarial, Layers, Optimizers } from "effect-neuron"
 *
 * const adam = Optimizers.adam(1e-4, { beta1: 0, beta2: 0.9 })
 * const networks = { generator: Layers.dense(1), optimizers: { generator: adam, critic: adam } }
 * const step = Adversarial.wganGp({ ...networks, critic: Layers.serial(Layers.dense(8), Layers.relu, Layers.dense(1)) })
 *
 * Adversarial.wganGp({ ...networks, critic: Layers.serial(Layers.dense(8), Layers.batchNorm(), Layers.dense(1)) })
 * // throws RangeError: wganGp: the critic mixes the examples of a batch (batchNorm), the penalty is of each: use layerNorm
 * ```
 */
export const wganGp = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree>(
  options: AdversarialOptions<PG, SG, PC, SC> & PenaltyOptions & { readonly lambda?: number }
): Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured> => {
  const { critic, lambda = 10, oneSided = false } = options
  above0("wganGp", "lambda", lambda)
  // Section 4 of the paper.
  if (critic.mixesExamples) throw new RangeError(`wganGp: ${mixing}`)
  return adversarialStep(options, { loss: wasserstein, penalty: { lambda, oneSided } })
}
