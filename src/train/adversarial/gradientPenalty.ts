import { add, mul, relu, reshape, sqrt, square, sub, sum } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { valueAndGrad } from "../../autodiff/valueAndGrad.ts"

// Under the root, so that a slope of exactly zero has a gradient.
const TINY = 1e-12

/** Which slopes cost. */
export interface PenaltyOptions {
  /**
   * Whether slopes below 1 cost nothing, by default false (Petzka, Fischer, Lukovnicov: "On the regularization of
   * Wasserstein GANs", 2018). Take it for data of one dimension: a slope that has to turn there passes through 0, which
   * the two-sided penalty holds off.
   */
  readonly oneSided?: boolean
}

/**
 * How far the slope of a critic is from 1 at each of the points `x`, of shape `[batch, ...]`: `(‖∂score/∂x‖ - 1)²`, one
 * value per example (Gulrajani et al.: "Improved training of Wasserstein GANs", 2017, equation 3); with `oneSided`,
 * `max(0, ‖∂score/∂x‖ - 1)²`. It can be differentiated itself, by the parameters that `score` uses. A score must depend
 * on its own example alone.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Adversarial } from "effect-neuron"
 *
 * const x = tf.tensor2d([[1, 2], [3, 4]])
 * Adversarial.gradientPenalty((x) => tf.sum(tf.mul(x, tf.tensor1d([3, 0])), 1), x).arraySync() // => [4, 4]
 * ```
 */
export const gradientPenalty = (
  score: (x: Tensor) => Tensor,
  x: Tensor,
  { oneSided = false }: PenaltyOptions = {}
): Tensor => {
  const slope = valueAndGrad((x: Tensor) => [sum(score(x)), []])(x).grads
  const norm = sqrt(add(sum(square(reshape(slope, [x.shape[0]!, -1])), 1), TINY))
  const excess = sub(norm, 1)
  return square(oneSided ? relu(excess) : excess)
}

/**
 * A point between each real and each fake example, at a share of the way that is drawn for each: `epsilon` is
 * `[batch]`.
 */
export const interpolates = (real: Tensor, fake: Tensor, epsilon: Tensor): Tensor => {
  const share = reshape(epsilon, [real.shape[0]!, ...real.shape.slice(1).map(() => 1)])
  return add(mul(share, real), mul(sub(1, share), fake))
}
