import { add, conv2d as convolve, engine, sum } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { companion } from "../backend/companion/companion.ts"
import {
  conv2DBackpropFilterWasm,
  conv2DBackpropInputWasm,
  conv2DWasm,
  conv2DWithBiasWasm,
  rectifiedConv2DWasm
} from "../backend/kernels/convolution.ts"
import { ready, run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { bilinear } from "./bilinear.ts"
import { rectifiedGradient, rectify } from "./dense.ts"
import { dilationsOf } from "./dilation.ts"
import { gradientOf } from "./gradientOf.ts"
import { windowOptions } from "./windows.ts"
import type { ConvolutionOptions, WindowOptions } from "./windows.ts"

/** The options of {@link conv2d}. */
export interface Conv2dOptions extends ConvolutionOptions {
  /** Of `[filters]`, added to each position of the output; by default there is none. */
  readonly bias?: Tensor | undefined
  /** What is negative in the output is multiplied by this, which is at least 0; by default it stays as it is. */
  readonly slope?: number | undefined
}

/**
 * A two-dimensional convolution of `[batch, height, width, channels]` with a filter of `[filterHeight, filterWidth,
 * channels, filters]`, to `[batch, height', width', filters]`, plus a bias for each filter, rectified if there is a
 * slope: in one pass on the WebAssembly backend. Throws for other shapes and options.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), filter = tf.ones([2, 2, 1, 1])
 * Ops.conv2d(x, filter, { padding: "valid", bias: tf.tensor1d([100]) }).arraySync() // => [[[[110]]]]
 * ```
 */
export const conv2d = (x: Tensor, filter: Tensor, options: Conv2dOptions = {}): Tensor => {
  const { bias, slope } = options
  checkChannels("conv2d", x, filter, 2)
  const { dilations, padding, strides } = windowOptions("conv2d", x, filter.shape, options)
  const given = asFloat("conv2d", "x", x), weights = asFloat("conv2d", "a filter", filter)
  if (bias === undefined) {
    ready(convolution)
    return rectify(convolve(given as Tensor4D, weights as Tensor4D, strides, padding, "NHWC", dilations), slope)
  }
  if (bias.rank !== 1 || bias.shape[0] !== filter.shape[3]) {
    fail("conv2d", `a bias [${filter.shape[3]}] for its filter ${shapeOf(filter)}`, shapeOf(bias))
  }
  const attrs = { strides, pad: padding, dataFormat: "NHWC", dilations }
  const inputs = { x: given, filter: weights, bias: asFloat("conv2d", "a bias", bias) }
  return slope === undefined
    ? run(convolution, "Conv2DWithBias", inputs, attrs)
    : run(convolution, "RectifiedConv2D", inputs, { ...attrs, slope })
}

/**
 * The adjoint of {@link conv2d}, from `[batch, height, width, channels]` to `[batch, height', width', filters]` with a
 * filter of `[filterHeight, filterWidth, filters, channels]`: each value lays down the filter, `strides` apart. With
 * padding `"same"`, the default, height' is height · stride, with `"valid"` (height - 1) · stride + filterHeight.
 * Throws for other shapes and options.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 2], [1, 1, 2, 1]), filter = tf.ones([1, 2, 1, 1])
 * Ops.conv2dTranspose(x, filter, { strides: [1, 2] }).dataSync() // => Float32Array.of(1, 1, 2, 2)
 * ```
 */
export const conv2dTranspose = (x: Tensor, filter: Tensor, options: WindowOptions = {}): Tensor => {
  checkChannels("conv2dTranspose", x, filter, 3)
  const { padding, strides } = windowOptions("conv2dTranspose", undefined, filter.shape, options)
  const [batch, height, width] = x.shape as [number, number, number]
  const grown = (n: number, axis: 0 | 1) =>
    padding === "same" ? n * strides[axis] : Math.max(0, n - 1) * strides[axis] + filter.shape[axis]!
  const attrs = { strides, pad: padding, dataFormat: "NHWC", dilations: [1, 1] }
  const inputShape = [batch, grown(height, 0), grown(width, 1), filter.shape[2]!]
  const dy = asFloat("conv2dTranspose", "x", x), weights = asFloat("conv2dTranspose", "a filter", filter)
  return run(convolution, "Conv2DBackpropInput", { dy, filter: weights }, { ...attrs, inputShape })
}

const checkChannels = (operation: string, x: Tensor, filter: Tensor, axis: 2 | 3): void => {
  if (x.rank === 4 && filter.rank === 4 && x.shape[3] === filter.shape[axis]) return
  const axes = axis === 2 ? "channels, filters" : "filters, channels"
  const expected = `x [batch, height, width, channels] and a filter [filterHeight, filterWidth, ${axes}]`
  fail(operation, expected, `${shapeOf(x)} and ${shapeOf(filter)}`)
}

const { filterGradient, gradients, inputGradient } = bilinear({
  forward: "Conv2D",
  byInput: "Conv2DBackpropInput",
  byFilter: "Conv2DBackpropFilter",
  windowOf: ({ dataFormat, dilations, dimRoundingMode, pad, strides }) =>
    ({ dataFormat, dilations: dilations ?? 1, dimRoundingMode, pad, strides }) as NamedAttrMap,
  convolve: (x, filter, attrs) =>
    convolve(
      x as Tensor4D,
      filter as Tensor4D,
      attrs["strides"] as [number, number],
      attrs["pad"] as "same",
      attrs["dataFormat"] as "NHWC",
      dilationsOf(attrs, 2) as [number, number],
      attrs["dimRoundingMode"] as "floor"
    ),
  // Kernels of this library that are in force take an attribute `dilations`, which the stock ones have not.
  isDirect: ([dh, dw], { dataFormat }) =>
    dh === 1 && dw === 1 ||
    engine().backendName === "wasm" && dataFormat === "NHWC" && companion() !== undefined
})

const biasedGradients = (dy: Tensor, x: Tensor, filter: Tensor, attrs: NamedAttrMap) => ({
  x: () => inputGradient(dy, filter, x.shape, attrs),
  filter: () => filterGradient(x, dy, filter.shape, attrs),
  bias: () => sum(dy, [0, 1, 2])
})

interface Inputs {
  readonly x: Tensor
  readonly filter: Tensor
  readonly bias: Tensor
}

interface Attrs {
  readonly strides: [number, number]
  readonly pad: "same" | "valid"
  readonly dilations: [number, number]
  readonly slope?: number
}

const composition = ({ bias, filter, x }: Inputs, { dilations, pad, slope, strides }: Attrs): Tensor =>
  rectify(add(convolve(x as Tensor4D, filter as Tensor4D, strides, pad, "NHWC", dilations), bias), slope)

/**
 * What convolutions need to be trained. {@link conv2d} and {@link conv2dTranspose} install it themselves; in a bundled
 * page a layer that calls `tf.conv1d`, `tf.conv2d` or `tf.conv2dTranspose` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.convolution)
 * const sum = (filter: tf.Tensor4D) => [tf.sum(tf.conv2d(tf.ones<tf.Rank.R4>([1, 2, 2, 1]), filter, 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(sum)(tf.ones([1, 1, 1, 1])).grads.dataSync() // => Float32Array.of(4)
 * ```
 */
export const convolution: KernelSet = {
  gradients: [
    ...gradients,
    gradientOf("Conv2DWithBias", ["x", "filter"], (dy, { filter, x }, attrs) => biasedGradients(dy, x, filter, attrs)),
    {
      // The output is saved for its sign alone, which has no gradient: none is lost.
      kernelName: "RectifiedConv2D",
      inputsToSave: ["x", "filter"],
      outputsToSave: [true],
      gradFunc: (dy, saved, attrs) => {
        const [x, filter, y] = saved as [Tensor, Tensor, Tensor]
        return biasedGradients(rectifiedGradient(dy as Tensor, y, attrs), x, filter, attrs)
      }
    }
  ],
  kernels: [conv2DWasm, conv2DWithBiasWasm, rectifiedConv2DWasm, conv2DBackpropInputWasm, conv2DBackpropFilterWasm],
  compositions: { Conv2DWithBias: composition, RectifiedConv2D: composition }
}
