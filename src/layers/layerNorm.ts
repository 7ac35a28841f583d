import { Result } from "effect"
import { positive, positiveInteger } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { layerNorm as layerNormOf } from "../ops/layerNorm.ts"
import { constant } from "./allowance.ts"
import type { Affine } from "./batchNorm.ts"
import { kind } from "./kind.ts"
import { known } from "./Layer.ts"
import { fitting } from "./normalization.ts"
import { ofTensor } from "./ofTensor.ts"

/** The options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** How many of the last axes are normalized over, by default 1. */
  readonly axes?: number
  /** Added to the variance, by default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each example to mean 0 and variance 1 over its last axis, or its last `axes`, then multiplies by `scale`
 * and adds `offset`, which have the shape of those axes (Ba, Kiros, Hinton: "Layer normalization", 2016). Of any shape
 * `[..., features]`; the same when training and not.
 *
 * As in transformers and in PyTorch, each step of a sequence `[time, features]` is normalized on its own, and each
 * pixel of an image `[height, width, channels]` over its channels. What the papers on adversarial networks call layer
 * normalization of images, moments of the whole image and a scale per channel, is `groupNorm({ groups: 1 })`; `axes: 3`
 * has the same moments and a scale per value. Throws a `RangeError` for axes that are not a positive integer or an
 * epsilon that is not positive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { scale: tf.tensor1d([1, 1]), offset: tf.tensor1d([0, 100]) }
 * const x = tf.tensor2d([[-5, 5], [7, 9]])
 * const [y] = Layers.layerNorm().apply(params, {}, x, { training: true, key: Key.make(0) })
 * tf.round(y).arraySync() // => [[-1, 101], [-1, 101]]
 * ```
 */
export const layerNorm = /* @__PURE__ */ kind("layerNorm", {
  options: { axes: { type: positiveInteger, default: 1 }, epsilon: { type: positive, default: 1e-5 } },
  perStep: ({ axes }) => axes === 1,
  given: (options: LayerNormOptions = {}) => [options],
  make: ({ axes, epsilon }) =>
    ofTensor<Affine>({
      name: "layerNorm",
      multiplyAdds: (_, input) => size(input),
      init: (_, input) => {
        const expected = axes === 1 ? "[..., features]" : `at least ${axes} dimensions`
        return Result.map(known("layerNorm", expected, input, axes), (shape) => ({
          params: { scale: constant(shape, 1), offset: constant(shape, 0) },
          output: input
        }))
      },
      apply: ({ offset, scale }, x) => layerNormOf(fitting("layerNorm", x, { scale, offset }), scale, offset, epsilon)
    })
})
