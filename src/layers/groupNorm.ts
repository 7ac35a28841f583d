import { ones, zeros } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { positive, positiveInteger } from "../core/Kind.ts"
import type { Affine } from "./batchNorm.ts"
import { kind } from "./kind.ts"
import { mismatch, stateless } from "./Layer.ts"
import { standardizeGroups } from "./normalization.ts"

/** The options of {@link groupNorm}. */
export interface GroupNormOptions {
  /** How many groups of neighboring channels there are; it divides the number of channels. The paper has 32. */
  readonly groups: number
  /** Added to the variance, by default 1e-5. */
  readonly epsilon?: number
}

/**
 * Normalizes each group of channels of each example to mean 0 and variance 1 over its channels and all positions, then
 * multiplies each channel by `scale` and adds `offset`, both of `[channels]` (Wu, He: "Group normalization", 2018). Of any
 * shape `[..., channels]`; the same when training and not, and whatever else is in the batch.
 *
 * One group of all channels is what the critics of "Improved training of Wasserstein GANs" (Gulrajani et al., 2017) call
 * layer normalization; a group for each channel is {@link instanceNorm}. Throws a `RangeError` for groups that are not a
 * positive integer or an epsilon that is not positive.
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
    stateless<Affine>({
      name: "groupNorm",
      init: (_, input) => {
        const channels = input.at(-1)
        if (channels === undefined) return mismatch("groupNorm", "[..., channels]", input)
        if (channels % groups !== 0) return mismatch("groupNorm", `a multiple of ${groups} channels`, input)
        return Result.succeed({ params: { scale: ones([channels]), offset: zeros([channels]) }, output: input })
      },
      apply: (affine, x) => standardizeGroups(x, groups, affine, epsilon)
    })
})
