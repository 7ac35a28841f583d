import { add } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { notNegative } from "../core/Kind.ts"
import { randomNormal } from "../ops/random.ts"
import { kind } from "./kind.ts"
import type { Empty } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"

/**
 * Adds independent normal values of mean 0 and a standard deviation. Of any shape; gives its input back when not
 * training. On the input of a critic it keeps real and generated images from being told apart too easily (Sønderby et
 * al.: "Amortised MAP inference for image super-resolution", 2017). The noise depends on the key of the mode only.
 * Throws a `RangeError` for a deviation that is negative or not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const noise = Layers.gaussianNoise(0.1).apply({}, {}, tf.zeros([1000]), { training: true, key: Key.make(0) })[0]
 * Math.abs(tf.moments(noise).variance.dataSync()[0]! - 0.01) < 0.001 // => true
 * ```
 */
export const gaussianNoise = /* @__PURE__ */ kind("gaussianNoise", {
  options: { stddev: { type: notNegative, bare: true } },
  perStep: true,
  given: (stddev: number) => [{ stddev }],
  make: ({ stddev }) =>
    ofTensor<Empty>({
      name: "gaussianNoise",
      init: (_, input) => Result.succeed({ params: {}, output: input }),
      apply: (_, x, { key, training }) => training && stddev > 0 ? add(x, randomNormal(key, x.shape, { stddev })) : x
    })
})
