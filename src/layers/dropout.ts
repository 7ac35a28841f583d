import { Result } from "effect"
import { number } from "../core/Kind.ts"
import { dropout as drop } from "../ops/dropout.ts"
import { kind } from "./kind.ts"
import type { Empty } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"

/** The type of an option that is a probability to drop something. */
export const rates = /* @__PURE__ */ number("a number from 0 to below 1", (n) => n >= 0 && n < 1)

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
export const dropout = /* @__PURE__ */ kind("dropout", {
  options: { rate: { type: rates, bare: true } },
  perStep: true,
  given: (rate: number) => [{ rate }],
  make: ({ rate }) =>
    ofTensor<Empty>({
      name: "dropout",
      init: (_, input) => Result.succeed({ params: {}, output: input }),
      apply: (_, x, { key, training }) => training && rate > 0 ? drop(x, rate, key) : x
    })
})
