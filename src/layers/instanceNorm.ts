import { Result } from "effect"
import { fail } from "../backend/checks.ts"
import { positive } from "../core/Kind.ts"
import { format, size } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { constant } from "./allowance.ts"
import type { Affine } from "./batchNorm.ts"
import { kind } from "./kind.ts"
import { known, mismatch } from "./Layer.ts"
import { fitting, standardizeGroups } from "./normalization.ts"
import { ofTensor } from "./ofTensor.ts"

/** The options of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance, by default 1e-5. */
  readonly epsilon?: number
}

const takes = "[..., channels] with more than one position"

// Of one position each, all values would become the offset. One that is not known can be more.
const hasOnePosition = (input: Shape): boolean => input.slice(0, -1).every((n) => n === 1)

/**
 * Normalizes each channel (the last axis) of each example to mean 0 and variance 1 over all positions, then multiplies
 * by `scale` and adds `offset`, both of `[channels]` (Ulyanov, Vedaldi, Lempitsky: "Instance normalization: the missing
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
    ofTensor<Affine>({
      name: "instanceNorm",
      multiplyAdds: (_, input) => size(input),
      init: (_, input) =>
        hasOnePosition(input)
          ? mismatch("instanceNorm", takes, input)
          : Result.map(known("instanceNorm", takes, input, 1), ([channels]) => ({
            params: { scale: constant([channels], 1), offset: constant([channels], 0) },
            output: input
          })),
      apply: (affine, x) => {
        const batch = fitting("instanceNorm", x, affine), example = batch.shape.slice(1)
        if (hasOnePosition(example)) fail("instanceNorm", takes, `one of ${format(example)}`)
        return standardizeGroups(batch, batch.shape.at(-1)!, affine, epsilon)
      }
    })
})
