import { add, mul, transpose } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fold } from "../core/Key.ts"
import { boolean, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { zeros } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { heUniform } from "../initializers/scaled.ts"
import { conv2dTranspose as adjoint } from "../ops/convolution.ts"
import type { KernelAndBias } from "./dense.ts"
import { imageShape, knownChannels } from "./images.ts"
import { kind } from "./kind.ts"
import type { Empty, Layer } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"
import { paddings, sizes } from "./options.ts"
import type { Padding, Size } from "./options.ts"

/** The options of {@link conv2dTranspose}. */
export interface Conv2dTransposeOptions<B extends boolean = true> {
  /** The number of output channels. */
  readonly filters: number
  readonly kernelSize: Size
  /** How far apart the kernel is laid down for neighboring positions of the input, by default 1. */
  readonly strides?: Size
  /**
   * The padding of the convolution that this one transposes. With `"same"`, the default, the output is `strides` times
   * as high and wide as the input; with `"valid"` it has (n - 1) · stride + kernel positions for the n of the input.
   */
  readonly padding?: Padding
  /** Whether a bias is added; by default it is. */
  readonly bias?: B
  /**
   * Is asked for the shape `[kernelHeight, kernelWidth, channels, filters]`, from which it takes its fans. By default
   * `heUniform`, times √(strideHeight · strideWidth): of the kernel, an output sees only one element in so many.
   */
  readonly kernelInitializer?: Initializer
  /** By default `zeros`. */
  readonly biasInitializer?: Initializer
}

/**
 * A transposed convolution, the adjoint of {@link conv2d}: each value of the input lays down the kernel, scaled, and
 * overlaps are added up. From `[height, width, channels]` to `[height', width', filters]`, larger by the strides: the
 * layer that generators grow images with (Zeiler, Krishnan, Taylor, Fergus: "Deconvolutional networks", 2010; Radford,
 * Metz, Chintala: "Unsupervised representation learning with deep convolutional generative adversarial networks",
 * 2016). Parameters: `kernel` of `[kernelHeight, kernelWidth, filters, channels]`, as in TensorFlow, `bias` of
 * `[filters]`.
 *
 * Padding `"same"` cuts kernel - stride positions off the whole output, the odd one at the bottom and right, as
 * TensorFlow does; for a kernel of 4 with strides of 2 that is PyTorch's `padding=1`. Kernels whose size is a multiple
 * of the strides cover the output evenly, others leave a checkerboard (Odena, Dumoulin, Olah: "Deconvolution and
 * checkerboard artifacts", 2016); see {@link upsample2d}. Throws a `RangeError` for options that are not positive
 * integers.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.conv2dTranspose({ filters: 64, kernelSize: 4, strides: 2 })
 * layer.name // => "conv2dTranspose(64, 4x4, strides 2x2)"
 * Result.getOrThrow(layer.init(Key.make(0), [7, 7, 128])).output // => [14, 14, 64]
 * ```
 */
export const conv2dTranspose = /* @__PURE__ */ kind("conv2dTranspose", {
  options: {
    filters: { type: positiveInteger, bare: true },
    kernelSize: { type: sizes, bare: true },
    strides: { type: sizes, default: [1, 1] },
    padding: { type: paddings, default: "same" },
    bias: { type: boolean, default: true },
    kernelInitializer: { type: initializer, optional: true },
    biasInitializer: { type: initializer, default: zeros }
  },
  given: (options: Conv2dTransposeOptions<boolean>) => [options],
  make: ({ bias, biasInitializer, filters, kernelInitializer, kernelSize, padding, strides }) => {
    const initialize = kernelInitializer ??
      ((key, shape) => mul(heUniform(key, shape), Math.sqrt(strides[0] * strides[1])))
    const grown = (n: number | null, axis: 0 | 1): number | null =>
      n === null ? null : padding === "same" ? n * strides[axis] : (n - 1) * strides[axis] + kernelSize[axis]

    return ofTensor<KernelAndBias<boolean>>({
      name: "conv2dTranspose",
      multiplyAdds: ({ kernel }, input) => size([kernel.size, ...input.slice(0, -1)]),
      init: (key, input) =>
        Result.gen(function*() {
          const [height, width] = yield* imageShape("conv2dTranspose", input)
          const [channels] = yield* knownChannels("conv2dTranspose", input)
          const forward = initialize(fold(key, 0), [...kernelSize, channels, filters])
          const kernel = transpose(forward, [0, 1, 3, 2])
          const params = bias ? { kernel, bias: biasInitializer(fold(key, 1), [filters]) } : { kernel }
          return { params, output: [grown(height, 0), grown(width, 1), filters] }
        }),
      apply: (params, x) => {
        const y = adjoint(x, params.kernel, { strides, padding })
        return "bias" in params ? add(y, params.bias) : y
      }
    })
  }
}) as
  & (<const B extends boolean = true>(options: Conv2dTransposeOptions<B>) => Layer<KernelAndBias<B>, Empty>)
  & Kind
