import { matMul, reshape, tensor2d, tile } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { oneOf } from "../core/Kind.ts"
import { imageBatch, imageShape } from "./images.ts"
import { kind } from "./kind.ts"
import type { Empty } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"
import { sizes } from "./options.ts"
import type { Size } from "./options.ts"

/**
 * Where a new value comes from: `"nearest"` repeats the old ones, `"bilinear"` takes the weighted mean of the four that
 * surround it.
 */
export type Interpolation = "nearest" | "bilinear"

/** The options of {@link upsample2d}. */
export interface Upsample2dOptions {
  /** How many times as high and wide the image becomes. */
  readonly size: Size
  /** By default `"nearest"`. */
  readonly interpolation?: Interpolation
}

const interpolations = /* @__PURE__ */ oneOf("nearest", "bilinear")

/**
 * Larger images: from `[height, width, channels]` to `[height · size, width · size, channels]`. Takes the size, or
 * options. With a convolution behind it, it grows images without the checkerboards of {@link conv2dTranspose} (Odena,
 * Dumoulin, Olah: "Deconvolution and checkerboard artifacts", 2016).
 *
 * Pixels are areas whose values stand at their centers, and what lies beyond the outer centers has the value there: the
 * convention of Keras, and of PyTorch's `Upsample` with `align_corners=False`. Throws a `RangeError` for a size that is
 * not a positive integer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor4d([0, 4], [1, 1, 2, 1])
 * const grow = (interpolation: Layers.Interpolation) =>
 *   Layers.upsample2d({ size: [1, 2], interpolation }).apply({}, {}, x, { training: false, key: Key.make(0) })[0]
 * grow("nearest").dataSync() // => Float32Array.of(0, 0, 4, 4)
 * grow("bilinear").dataSync() // => Float32Array.of(0, 1, 3, 4)
 * ```
 */
export const upsample2d = /* @__PURE__ */ kind("upsample2d", {
  options: { size: { type: sizes, bare: true }, interpolation: { type: interpolations, default: "nearest" } },
  given: (options: Size | Upsample2dOptions) => [
    typeof options === "object" && "size" in options ? options : { size: options }
  ],
  make: ({ interpolation, size }) => {
    const along = interpolation === "nearest" ? repeat : interpolate
    return ofTensor<Empty>({
      name: "upsample2d",
      init: (_, input) =>
        Result.map(imageShape("upsample2d", input), ([height, width, channels]) => ({
          params: {},
          output: [height && height * size[0], width && width * size[1], channels]
        })),
      apply: (_, x) => {
        const [batch, height, width, channels] = imageBatch("upsample2d", x)
        // The width first: the second step has more to do, and works in longer rows.
        const wide = along(reshape(x, [batch * height, width, channels]), size[1])
        const large = along(reshape(wide, [batch, height, width * size[1] * channels]), size[0])
        return reshape(large, [batch, height * size[0], width * size[1], channels])
      }
    })
  }
})

// Both are linear and made of operations with gradients, so that those are right at every order.

/** `[outer, n, inner]` with each entry of its middle axis `times` times. */
const repeat = (x: Tensor, times: number): Tensor => {
  if (times === 1) return x
  const [outer, n, inner] = x.shape as [number, number, number]
  const entries = tile(reshape(x, [outer * n, 1, inner]), [1, times, 1])
  return reshape(entries, [outer, n * times, inner])
}

/** `[outer, n, inner]` with linear interpolation along its middle axis, to `times` as many entries. */
const interpolate = (x: Tensor, times: number): Tensor => times === 1 ? x : matMul(interpolation(x.shape[1]!, times), x)

/** The matrix of `[n · times, n]` whose rows are the weights of the old values in the new ones. */
const interpolation = (n: number, times: number): Tensor => {
  const weights = new Float32Array(n * times * n)
  for (let i = 0; i < n * times; i++) {
    const place = Math.min(Math.max((i + 0.5) / times - 0.5, 0), n - 1)
    const before = Math.floor(place), after = Math.min(before + 1, n - 1)
    weights[i * n + before]! += 1 - (place - before)
    weights[i * n + after]! += place - before
  }
  return tensor2d(weights, [n * times, n])
}
