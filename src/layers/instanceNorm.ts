import { ones, zeros } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { positive } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import type { Affine } from "./batchNorm.ts"
import { kind } from "./kind.ts"
import { mismatch, stateless } from "./Layer.ts"
import { standardizeGroups } from "./normalization.ts"

/** The options of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance, by default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each channel (the last axis) of each example to mean 0 and variance 1 over all positions, then multiplies by
 * `scale` and adds `offset`, both of `[channels]` (Ulyanov, Vedaldi, Lempitsky: "Instance normalization: the missing
 * ingredient for fast stylization", 2016). Of any shape `[..., channels]` with more than one position; the same when
 * training and not. Throws a `RangeError` for an epsilon that is not positive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { scale: tf.ones([2]), offset: tf.zeros([2]) }
 * const x = tf.tensor3d([[[-3, 50], [3, 70]]])
 * const [y] = Layers.instanceNorm().apply(params, {}, x, { training: true, key: Key.make(0) })
 * tf.round(y).arraySync() // => [[[-1, -1], [1, 1]]]
 * ```
 */
export const instanceNorm = /* @__PURE__ */ kind("instanceNorm", {
  options: { epsilon: { type: positive, default: 1e-5 } },
  given: (options: InstanceNormOptions = {}) => [options],
  make: ({ epsilon }) =>
    stateless<Affine>({
      name: "instanceNorm",
      init: (_, input) => {
        // Of one position each, all values would become the offset.
        if (size(input.slice(0, -1)) < 2) {
          return mismatch("instanceNorm", "[..., channels] with more than one position", input)
        }
        const channels = input.at(-1)!
        return Result.succeed({ params: { scale: ones([channels]), offset: zeros([channels]) }, output: input })
      },
      apply: (affine, x) => standardizeGroups(x, x.shape.at(-1)!, affine, epsilon)
    })
})
