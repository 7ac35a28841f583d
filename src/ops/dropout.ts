import { mul, tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat } from "../backend/checks.ts"
import { dropoutMaskWasm } from "../backend/kernels/random.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import type { Key } from "../core/Key.ts"
import * as Random from "../core/Random.ts"
import { size } from "../core/Shape.ts"

/** The probability, when it is one that dropout can have; throws a `RangeError` otherwise. */
export const dropoutRate = (rate: number): number => {
  if (rate >= 0 && rate < 1) return rate
  throw new RangeError(`dropout: rate is at least 0 and less than 1, got ${rate}`)
}

/**
 * Sets each value of x, of any shape, to zero with probability `rate`, in `[0, 1)` and in steps of 2^-16, and
 * multiplies the others by 1 / (1 - rate) (Srivastava et al.: "Dropout: a simple way to prevent neural networks from
 * overfitting", 2014). Which ones depends on the key and on their number only. Throws a `RangeError` for other rates.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Ops } from "effect-neuron"
 *
 * const y = Ops.dropout(tf.ones([1000]), 0.5, Key.make(0))
 * y.dataSync().every((value) => value === 0 || value === 2) // => true
 * ```
 */
export const dropout = (x: Tensor, rate: number, key: Key): Tensor =>
  mul(asFloat("dropout", "x", x), dropoutMask({ shape: x.shape, key, ...dropoutDraws(rate) }))

/** The values below `threshold`, of 16 bits, are dropped, and the others multiplied by `kept`. */
export const dropoutDraws = (rate: number): { readonly threshold: number; readonly kept: number } => ({
  kept: 1 / (1 - dropoutRate(rate)),
  threshold: Math.min(Math.round(rate * 0x1_0000), 0xffff)
})

/** What dropout multiplies with. */
export const dropoutMask = (attrs: Attrs): Tensor => run<Tensor>(masks, "DropoutMask", {}, attrs)

interface Attrs {
  readonly shape: Array<number>
  readonly key: Key
  readonly threshold: number
  readonly kept: number
}

// Each word is two draws of 16 bits, and no branch depends on them: a mask costs what its generator and the processor's
// wrong guesses cost.
const mask = ({ kept, key, shape, threshold }: Attrs): Float32Array => {
  const values = new Float32Array(size(shape)), words = Random.bits(key, Math.ceil(values.length / 2))
  for (let i = 0; i < values.length; i++) {
    const draw = (words[i >>> 1]! >>> ((i & 1) << 4)) & 0xffff, isKept = (threshold - 1 - draw) >>> 31
    values[i] = kept * isKept
  }
  return values
}

const masks: KernelSet = {
  gradients: [],
  kernels: [dropoutMaskWasm],
  compositions: { DropoutMask: (_: object, attrs: Attrs): Tensor => tensor(mask(attrs), attrs.shape) }
}
