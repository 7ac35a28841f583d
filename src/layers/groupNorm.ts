import { Result } from "effect"
import { positive, positiveInteger } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { constant } from "./allowance.ts"
import type { Affine } from "./batchNorm.ts"
import { kind } from "./kind.ts"
import { known, mismatch } from "./Layer.ts"
import { fitting, standardizeGroups } from "./normalization.ts"
import { ofTensor } from "./ofTensor.ts"

/** The options of {@link groupNorm}. */
export interface GroupNormOptions {
  /** How many groups of neighboring channels there are; it divides the number of channels. The paper has 32. */
  readonly groups: number
  /** Added to the variance, by default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each group of channels of each example to mean 0 and variance 1 over its channels and all positions, then
 * multiplies each channel by `scale` and adds `offset`, both of `[channels]` (Wu, He: "Group normalization", 2018). Of
 * any shape `[..., channels]`; the same when training and not, and whatever else is in the batch.
 *
 * One group of all channels is what the critics of "Improved training of Wasserstein GANs" (Gulrajani et al., 2017)
 * call layer normalization; a group for each channel is {@link instanceNorm}. Throws a `RangeError` for groups that are
 * not a positive integer or an epsilon that is not positive.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const params = { scale: tf.ones([4]), offset: tf.zeros([4]) }
 * const x = tf.tensor2d([[-3, 3, 50, 70]])
 * const [y] = Layers.groupNorm({ groups: 2 }).apply(params, {}, x, { training: true, key: Key.make(0) })
 * tf.round(y).arraySync() // => [[-1, 1, -1, 1]]
 * ```
 */
export const groupNorm = /* @__PURE__ */ kind("groupNorm", {
  options: { groups: { type: positiveInteger }, epsilon: { type: positive, default: 1e-5 } },
  given: (options: GroupNormOptions) => [options],
  make: ({ epsilon, groups }) =>
    ofTensor<Affine>({
      name: "groupNorm",
      multiplyAdds: (_, input) => size(input),
      init: (_, input) =>
        Result.flatMap(known("groupNorm", "[..., channels]", input, 1), ([channels]) =>
          channels % groups === 0
            ? Result.succeed({
              params: { scale: constant([channels], 1), offset: constant([channels], 0) },
              output: input
            })
            : mismatch("groupNorm", `a multiple of ${groups} channels`, input)),
      apply: (affine, x) => standardizeGroups(fitting("groupNorm", x, affine), groups, affine, epsilon)
    })
})
