import { concat, oneHot, range, reshape, slice, tile, transpose } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { attention } from "./attention.ts"
import type { AttentionOptions } from "./attention.ts"

/**
 * What {@link attention} weighs the values with, `[batch, heads, time, keyTime]`: 0 where a key is not seen, and of each
 * query with a sum of 1, or of 0 where no key counts. To look at: attention itself never has all of them in memory.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const weights = Ops.attentionWeights({ query: tf.zeros([1, 2, 1, 4]), key: tf.zeros([1, 2, 1, 4]), causal: true })
 * tf.squeeze(weights).arraySync() // => [[1, 0], [0.5, 0.5]]
 * ```
 */
export const attentionWeights = (options: Omit<AttentionOptions, "value">): Tensor => {
  const { key } = options, [batch = 0, keyTime = 0, groups = 0, size = 1] = key.shape
  // The mean of values that are 1 for one key each is its weight; a value has room for as many keys as it has numbers.
  const parts = Array.from({ length: Math.max(1, Math.ceil(keyTime / size)) }, (_, i) => {
    const ones = oneHot(range(-i * size, keyTime - i * size, 1, "int32"), Math.max(2, size), 1, 0, "float32")
    const own = reshape(slice(ones, [0, 0], [keyTime, size]), [1, keyTime, 1, size])
    return attention({ ...options, value: tile(own, [batch, 1, groups, 1]) })
  })
  const all = parts.length === 1 ? parts[0]! : concat(parts, 3), [, time, heads] = all.shape as [number, number, number]
  return transpose(slice(all, [0, 0, 0, 0], [batch, time, heads, keyTime]), [0, 2, 1, 3])
}
