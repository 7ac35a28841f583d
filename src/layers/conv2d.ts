import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fold } from "../core/Key.ts"
import { boolean, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { size } from "../core/Shape.ts"
import { zeros } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { heUniform } from "../initializers/scaled.ts"
import { conv2d as convolve } from "../ops/convolution.ts"
import type { KernelAndBias } from "./dense.ts"
import { rectifiable } from "./fusion.ts"
import { imageShape, knownChannels, positions } from "./images.ts"
import { kind } from "./kind.ts"
import type { Empty, Layer } from "./Layer.ts"
import { ofTensor } from "./ofTensor.ts"
import { bySize, paddings, sizes } from "./options.ts"
import type { Padding, Size } from "./options.ts"

/** The options of {@link conv2d}. */
export interface Conv2dOptions<B extends boolean = true> {
  /** The number of output channels. */
  readonly filters: number
  readonly kernelSize: Size
  /** By default 1. */
  readonly strides?: Size
  /** The distance between the elements of the kernel, by default 1; strides and dilations are not both more than 1. */
  readonly dilations?: Size
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
export const conv2d = /* @__PURE__ */ kind("conv2d", {
  options: {
    filters: { type: positiveInteger, bare: true },
    kernelSize: { type: sizes, bare: true },
    strides: { type: sizes, default: [1, 1] },
    dilations: { type: sizes, default: [1, 1] },
    padding: { type: paddings, default: "same" },
    bias: { type: boolean, default: true },
    kernelInitializer: { type: initializer, default: heUniform },
    biasInitializer: { type: initializer, default: zeros }
  },
  given: (options: Conv2dOptions<boolean>) => [options],
  make: ({ bias, biasInitializer, dilations, filters, kernelInitializer, kernelSize, padding, strides }) => {
    if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) {
      throw new RangeError(
        `conv2d: strides or dilations are 1, got strides ${bySize(strides)} with dilations ${bySize(dilations)}`
      )
    }
    const reach = kernelSize.map((n, axis) => (n - 1) * dilations[axis]! + 1) as [number, number]

    const apply = (params: KernelAndBias<boolean>, x: Tensor, slope?: number): Tensor =>
      convolve(x, params.kernel, {
        ...{ strides, padding, dilations, slope },
        bias: "bias" in params ? params.bias : undefined
      })

    const layer = ofTensor<KernelAndBias<boolean>>({
      name: "conv2d",
      multiplyAdds: ({ kernel }, _, output) => size([kernel.size, ...output.slice(0, -1)]),
      init: (key, input) =>
        Result.gen(function*() {
          const image = yield* imageShape("conv2d", input), [channels] = yield* knownChannels("conv2d", input)
          const [height, width] = yield* positions("conv2d", { size: reach, strides, padding }, image)
          const kernel = kernelInitializer(fold(key, 0), [...kernelSize, channels, filters])
          const params = bias ? { kernel, bias: biasInitializer(fold(key, 1), [filters]) } : { kernel }
          return { params, output: [height, width, filters] }
        }),
      apply: (params, x) => apply(params, x)
    })
    return rectifiable(layer, (params, state, x, _, slope) => [apply(params, x, slope), state])
  }
}) as (<const B extends boolean = true>(options: Conv2dOptions<B>) => Layer<KernelAndBias<B>, Empty>) & Kind
