import { add, mul, neg, relu, softplus, square, sub } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/**
 * What the two networks of adversarial training minimize: functions of the critic's scores of shape `[batch]`, one
 * value per example.
 */
export interface AdversarialLoss {
  readonly name: string
  /**
   * Whether its critic is told what it should answer, a number or one number per example: only then can labels be
   * smooth.
   */
  readonly labeled: boolean
  readonly real: (scores: Tensor, label: Tensor | number) => Tensor
  readonly fake: (scores: Tensor, label: Tensor | number) => Tensor
  readonly generator: (scores: Tensor) => Tensor
}

/** Binary cross entropy of logits: softplus(s) - s t. */
const crossEntropy = (scores: Tensor, label: Tensor | number): Tensor => sub(softplus(scores), mul(scores, label))

/**
 * The first adversarial loss (Goodfellow et al.: "Generative adversarial nets", 2014), on logits: the critic minimizes
 * `-log σ(real) - log(1 - σ(fake))`, the generator `-log σ(fake)`, the non-saturating form of that paper's section 3.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Adversarial } from "effect-neuron"
 *
 * Adversarial.nonSaturating.generator(tf.tensor1d([100, -100])).arraySync() // => [0, 100]
 * ```
 */
export const nonSaturating: AdversarialLoss = {
  name: "nonSaturating",
  labeled: true,
  real: crossEntropy,
  fake: crossEntropy,
  generator: (scores) => crossEntropy(scores, 1)
}

const halfSquare = (scores: Tensor, label: Tensor | number): Tensor => mul(square(sub(scores, label)), 0.5)

/**
 * Least squares (Mao et al.: "Least squares generative adversarial networks", 2017): the critic minimizes
 * `(real - 1)² / 2 + fake² / 2`, the generator `(fake - 1)² / 2`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Adversarial } from "effect-neuron"
 *
 * Adversarial.leastSquares.fake(tf.tensor1d([0, 2]), 0).arraySync() // => [0, 2]
 * ```
 */
export const leastSquares: AdversarialLoss = {
  name: "leastSquares",
  labeled: true,
  real: halfSquare,
  fake: halfSquare,
  generator: (scores) => halfSquare(scores, 1)
}

/**
 * The hinge loss (Lim, Ye: "Geometric GAN", 2017): the critic minimizes `max(0, 1 - real) + max(0, 1 + fake)`, the
 * generator `-fake`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Adversarial } from "effect-neuron"
 *
 * Adversarial.hinge.real(tf.tensor1d([0.5, 2]), 1).arraySync() // => [0.5, 0]
 * ```
 */
export const hinge: AdversarialLoss = {
  name: "hinge",
  labeled: false,
  real: (scores) => relu(sub(1, scores)),
  fake: (scores) => relu(add(1, scores)),
  generator: (scores) => neg(scores)
}

/**
 * The estimate of the Wasserstein distance by a critic (Arjovsky, Chintala, Bottou: "Wasserstein generative adversarial
 * networks", 2017): the critic minimizes `fake - real`, the generator `-fake`. Only for a critic whose slope is
 * bounded, as `Adversarial.wgan` and `Adversarial.wganGp` see to.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Adversarial } from "effect-neuron"
 *
 * Adversarial.wasserstein.real(tf.tensor1d([3]), 1).arraySync() // => [-3]
 * ```
 */
export const wasserstein: AdversarialLoss = {
  name: "wasserstein",
  labeled: false,
  real: (scores) => neg(scores),
  fake: (scores) => mul(scores, 1),
  generator: (scores) => neg(scores)
}
