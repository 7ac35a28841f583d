import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fold } from "../core/Key.ts"
import { zeros } from "../initializers/distributions.ts"
import type { Initializer } from "../initializers/distributions.ts"
import { heUniform } from "../initializers/scaled.ts"
import { conv2d as convolve } from "../ops/convolution.ts"
import type { Weights } from "./dense.ts"
import { imageShape, positions } from "./images.ts"
import { stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { bySize, describe, heightAndWidth, oneOfPaddings, positiveInteger } from "./options.ts"
import type { Padding, Size } from "./options.ts"
import { rectifiable } from "./rectified.ts"

/** The options of {@link conv2d}. */
export interface Conv2dOptions<B extends boolean = true> {
  /** The number of output channels. */
  readonly filters: number
  readonly kernelSize: Size
  /** By default 1. */
  readonly strides?: Size
  /** The distance between the elements of the kernel, by default 1; strides and dilation are not both more than 1. */
  readonly dilation?: Size
  /** By default `"same"`. */
  readonly padding?: Padding
  /** Whether a bias is added; by default it is. */
  readonly bias?: B
  /** By default `heUniform`, for the rectifier that mostly follows a convolution. */
  readonly kernelInitializer?: Initializer
  /** By default `zeros`. */
  readonly biasInitializer?: Initializer
}

/**
 * A two-dimensional convolution (cross-correlation, as everywhere in the field), from `[height, width, channels]` to
 * `[height', width', filters]`. Parameters: `kernel` of `[kernelHeight, kernelWidth, channels, filters]`, `bias` of
 * `[filters]`. Throws a `RangeError` for options that are not positive integers.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const layer = Layers.conv2d({ filters: 32, kernelSize: 3, strides: 2 })
 * layer.name // => "conv2d(32, 3x3, strides 2x2)"
 * Result.getOrThrow(layer.init(Key.make(0), [28, 28, 1])).output // => [14, 14, 32]
 * ```
 */
export const conv2d = <const B extends boolean = true>(options: Conv2dOptions<B>): Layer<Weights<B>, Empty> => {
  const { bias, biasInitializer = zeros, kernelInitializer = heUniform } = options
  const filters = positiveInteger("conv2d", "filters", options.filters)
  const kernelSize = heightAndWidth("conv2d", "kernelSize", options.kernelSize)
  const strides = heightAndWidth("conv2d", "strides", options.strides ?? 1)
  const dilation = heightAndWidth("conv2d", "dilation", options.dilation ?? 1)
  const padding = oneOfPaddings("conv2d", options.padding ?? "same")
  const strided = Math.max(...strides) > 1, dilated = Math.max(...dilation) > 1, biased = bias ?? true
  if (strided && dilated) {
    throw new RangeError(
      `conv2d: strides or dilation is 1, got strides ${bySize(strides)} with dilation ${bySize(dilation)}`
    )
  }
  const size = kernelSize.map((n, axis) => (n - 1) * dilation[axis]! + 1) as [number, number]

  const apply = (params: Weights<B>, x: Tensor, slope?: number): Tensor =>
    convolve(x, params.kernel, {
      ...{ strides, padding, dilations: dilation, slope },
      bias: "bias" in params ? params.bias : undefined
    })

  const layer = stateless<Weights<B>>({
    name: describe(
      "conv2d",
      filters,
      bySize(kernelSize),
      strided && `strides ${bySize(strides)}`,
      dilated && `dilation ${bySize(dilation)}`,
      padding === "valid" && padding,
      !biased && "no bias"
    ),
    init: (key, input) =>
      Result.gen(function*() {
        const image = yield* imageShape("conv2d", input)
        const [height, width] = yield* positions("conv2d", { size, strides, padding }, image)
        const kernel = kernelInitializer(fold(key, 0), [...kernelSize, image[2], filters])
        const params = biased ? { kernel, bias: biasInitializer(fold(key, 1), [filters]) } : { kernel }
        return { params: params as Weights<B>, output: [height, width, filters] }
      }),
    apply: (params, x) => apply(params, x)
  })
  return rectifiable(layer, (params, state, x, _, slope) => [apply(params, x, slope), state])
}
