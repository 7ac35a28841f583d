import { mul, tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { dropoutMaskWasm } from "../backend/kernels/random.ts"
import type { Key } from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { runFused } from "../ops/fused.ts"
import { install } from "../ops/registry.ts"
import type { KernelSet } from "../ops/registry.ts"
import { stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { describe } from "./options.ts"

/**
 * Sets each value to zero with probability `rate`, in `[0, 1)` and in steps of 2^-16, and multiplies the others by
 * 1 / (1 - rate), so that expectations stay (Srivastava et al.: "Dropout: a simple way to prevent neural networks from
 * overfitting", 2014). Of any shape; gives its input back when not training. The mask depends on the key of the mode
 * only. Throws a `RangeError` for other rates.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const [y] = Layers.dropout(0.5).apply({}, {}, tf.ones([1000]), { training: true, key: Key.make(0) })
 * y.dataSync().every((value) => value === 0 || value === 2) // => true
 * ```
 */
export const dropout = (rate: number): Layer<Empty, Empty> => {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: rate is at least 0 and less than 1, got ${rate}`)
  const kept = 1 / (1 - rate), threshold = Math.min(Math.round(rate * 0x1_0000), 0xffff)
  install(masks)
  return stateless<Empty>({
    name: describe("dropout", rate),
    init: (_, input) => Result.succeed({ params: {}, output: input }),
    apply: (_, x, { key, training }) => {
      if (!training || rate === 0) return x
      const fused = runFused("DropoutMask", {}, { shape: x.shape, key, threshold, kept })
      return mul(x, fused ?? tensor(maskOf(x.size, key, threshold, kept), x.shape))
    }
  })
}

const masks: KernelSet = { gradients: [], kernels: [dropoutMaskWasm] }

// Each word is two draws of 16 bits, and no branch depends on them: a mask costs what its generator and the processor's
// wrong guesses cost.
const maskOf = (size: number, key: Key, threshold: number, kept: number): Float32Array => {
  const mask = new Float32Array(size), words = Random.bits(key, Math.ceil(size / 2))
  for (let i = 0; i < size; i++) {
    const draw = (words[i >>> 1]! >>> ((i & 1) << 4)) & 0xffff, isKept = (threshold - 1 - draw) >>> 31
    mask[i] = kept * isKept
  }
  return mask
}
