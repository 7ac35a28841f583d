import { add, mul } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { number, positive } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { batchNorm as normalize, batchNormTraining } from "../ops/batchNorm.ts"
import { constant } from "./allowance.ts"
import { kind } from "./kind.ts"
import { known, make } from "./Layer.ts"
import { guarded } from "./ofTensor.ts"

/** The parameters of {@link batchNorm}, each of `[channels]`. */
export type Affine = { readonly scale: Tensor; readonly offset: Tensor }

/** The running state of {@link batchNorm}, each of `[channels]`. */
export type Moments = { readonly mean: Tensor; readonly variance: Tensor }

/** The options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** What part of the running moments is kept in each step, from 0 to 1, by default 0.9 (PyTorch's is 1 minus this). */
  readonly momentum?: number
  /** Added to the variance, by default 1e-5. */
  readonly epsilon?: number
}

const momenta = /* @__PURE__ */ number("a number from 0 to 1", (n) => n >= 0 && n <= 1)

/**
 * Normalizes each channel (the last axis) to mean 0 and variance 1 over the batch and all other axes, then multiplies
 * by `scale` and adds `offset` (Ioffe, Szegedy: "Batch normalization: accelerating deep network training by reducing
 * internal covariate shift", 2015). Of any shape `[..., channels]`.
 *
 * When training, the moments are those of the batch (the variance biased, divided by n), and the running state becomes
 * `momentum · state + (1 - momentum) · batch`. Otherwise the running state is used and kept. Throws a `RangeError` for
 * a momentum outside of `[0, 1]` or an epsilon that is not positive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { scale: tf.tensor1d([1]), offset: tf.tensor1d([0]) }
 * const state = { mean: tf.tensor1d([0]), variance: tf.tensor1d([1]) }
 * const x = tf.tensor2d([[1], [3]])
 * const [, next] = Layers.batchNorm({ momentum: 0.5 }).apply(params, state, x, { training: true, key: Key.make(0) })
 * next.mean.arraySync() // => [1]
 * ```
 */
export const batchNorm = /* @__PURE__ */ kind("batchNorm", {
  options: { momentum: { type: momenta, default: 0.9 }, epsilon: { type: positive, default: 1e-5 } },
  perStep: true,
  given: (options: BatchNormOptions = {}) => [options],
  make: ({ epsilon, momentum }) => {
    const running = (old: Tensor, now: Tensor): Tensor => add(mul(old, momentum), mul(now, 1 - momentum))
    return guarded(make<Affine, Moments>({
      name: "batchNorm",
      multiplyAdds: (_, input) => size(input),
      mixesExamples: true,
      init: (_, input) =>
        Result.map(known("batchNorm", "[..., channels]", input, 1), ([channels]) => ({
          params: { scale: constant([channels], 1), offset: constant([channels], 0) },
          state: { mean: constant([channels], 0), variance: constant([channels], 1) },
          output: input
        })),
      apply: ({ offset, scale }, state, x, { training }) => {
        if (!training) return [normalize(x, state.mean, state.variance, scale, offset, epsilon), state]
        const [y, mean, variance] = batchNormTraining(x, scale, offset, epsilon)
        return [y, { mean: running(state.mean, mean), variance: running(state.variance, variance) }]
      }
    }))
  }
})
