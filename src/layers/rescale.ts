import { add, mul } from "@tensorflow/tfjs-core"
import { finite } from "../core/Kind.ts"
import { kind } from "./kind.ts"
import { activation } from "./ofTensor.ts"

/**
 * scale · x + offset, with a fixed scale and offset (by default 0), of any shape. As the first layer of a model,
 * `rescale({ scale: 1 / 255 })` takes the bytes of images as they are: a quarter of the memory on the way to the
 * device, and predictions cannot forget to normalize. Throws a `RangeError` for numbers that are not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0, 128, 256])
 * const [y] = Layers.rescale({ scale: 1 / 128, offset: -1 }).apply({}, {}, x, { training: false, key: Key.make(0) })
 * y.dataSync() // => Float32Array.of(-1, 0, 1)
 * ```
 */
export const rescale = /* @__PURE__ */ kind("rescale", {
  options: { scale: { type: finite }, offset: { type: finite, default: 0 } },
  perStep: true,
  given: (options: { readonly scale: number; readonly offset?: number }) => [options],
  make: ({ offset, scale }) =>
    activation("rescale", (x) => {
      const scaled = mul(x, scale)
      return offset === 0 ? scaled : add(scaled, offset)
    })
})
