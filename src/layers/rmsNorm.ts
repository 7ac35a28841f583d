import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { positive } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { rmsNorm as rmsNormOf } from "../ops/layerNorm.ts"
import { constant } from "./allowance.ts"
import { kind } from "./kind.ts"
import { known } from "./Layer.ts"
import { fitting } from "./normalization.ts"
import { ofTensor } from "./ofTensor.ts"

/** The parameters of {@link rmsNorm}: a `scale` of `[features]`. */
export type Scale = { readonly scale: Tensor }

/** The options of {@link rmsNorm}. */
export interface RmsNormOptions {
  /** Added to the mean of the squares, by default 1e-5. */
  readonly epsilon?: number
}

/**
 * Divides each example by its root mean square over the last axis and multiplies by `scale`, of `[features]`: y = scale
 * · x / √(mean(x²) + epsilon) (Zhang, Sennrich: "Root mean square layer normalization", 2019). As {@link layerNorm},
 * of any shape `[..., features]`, with neither a mean taken off nor an offset. Throws a `RangeError` for an epsilon that
 * is not positive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { scale: tf.tensor1d([1, 10]) }, x = tf.tensor2d([[-5, 5], [7, 1]])
 * const [y] = Layers.rmsNorm().apply(params, {}, x, { training: true, key: Key.make(0) })
 * tf.round(tf.mul(y, 10)).arraySync() // => [[-10, 100], [14, 20]]
 * ```
 */
export const rmsNorm = /* @__PURE__ */ kind("rmsNorm", {
  options: { epsilon: { type: positive, default: 1e-5 } },
  perStep: true,
  given: (options: RmsNormOptions = {}) => [options],
  make: ({ epsilon }) =>
    ofTensor<Scale>({
      name: "rmsNorm",
      multiplyAdds: (_, input) => size(input),
      init: (_, input) =>
        Result.map(known("rmsNorm", "[..., features]", input, 1), (shape) => ({
          params: { scale: constant(shape, 1) },
          output: input
        })),
      apply: ({ scale }, x) => rmsNormOf(fitting("rmsNorm", x, { scale }), scale, epsilon)
    })
})
