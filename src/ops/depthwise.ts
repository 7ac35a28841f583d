import { engine } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { depthwiseBackpropFilterWasm, depthwiseBackpropInputWasm, depthwiseWasm } from "../backend/kernels/depthwise.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { bilinear } from "./bilinear.ts"
import { windowOptions } from "./windows.ts"
import type { ConvolutionOptions } from "./windows.ts"

/**
 * A convolution of each channel on its own, of `[batch, height, width, channels]` with a filter of
 * `[filterHeight, filterWidth, channels, multiplier]`, to `[batch, height', width', channels · multiplier]`. Throws for
 * other shapes and options.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const x = tf.tensor4d([1, 10, 2, 20], [1, 1, 2, 2]), filter = tf.ones([1, 2, 2, 1])
 * Ops.depthwiseConv2d(x, filter, { padding: "valid" }).arraySync() // => [[[[3, 30]]]]
 * ```
 */
export const depthwiseConv2d = (x: Tensor, filter: Tensor, options: ConvolutionOptions = {}): Tensor => {
  if (x.rank !== 4 || filter.rank !== 4 || x.shape[3] !== filter.shape[2]) {
    fail(
      "depthwiseConv2d",
      "x [batch, height, width, channels] and a filter [filterHeight, filterWidth, channels, multiplier]",
      `${shapeOf(x)} and ${shapeOf(filter)}`
    )
  }
  const { dilations, padding, strides } = windowOptions("depthwiseConv2d", x, filter.shape, options)
  const inputs = { x: asFloat("depthwiseConv2d", "x", x), filter: asFloat("depthwiseConv2d", "a filter", filter) }
  return run(depthwiseConvolution, FORWARD, inputs, { strides, pad: padding, dilations, dataFormat: "NHWC" })
}

const FORWARD = "DepthwiseConv2dNative"

const windowOf = ({ dataFormat, dilations, dimRoundingMode, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dataFormat: dataFormat ?? "NHWC", dilations: dilations ?? [1, 1], dimRoundingMode, pad, strides }) as NamedAttrMap

const { gradients } = bilinear({
  forward: FORWARD,
  byInput: `${FORWARD}BackpropInput`,
  byFilter: `${FORWARD}BackpropFilter`,
  windowOf,
  convolve: (x, filter, attrs) => engine().runKernel(FORWARD, { x, filter }, windowOf(attrs)),
  // The stock kernels take the attribute `dilations` but compute without; those of this library are on wasm.
  isDirect: ([dh, dw]) => dh === 1 && dw === 1 || engine().backendName === "wasm"
})

/**
 * What depthwise convolutions need to be trained. {@link depthwiseConv2d} installs it itself; in a bundled page a layer
 * that calls `tf.depthwiseConv2d` or `tf.separableConv2d` installs it, and for the latter `Ops.convolution` too.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.depthwiseConvolution)
 * const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1])
 * const sum = (filter: tf.Tensor4D) => [tf.sum(tf.depthwiseConv2d(x, filter, 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(sum)(tf.ones([1, 1, 1, 1])).grads.dataSync() // => Float32Array.of(4)
 * ```
 */
export const depthwiseConvolution: KernelSet = {
  gradients,
  kernels: [depthwiseWasm, depthwiseBackpropInputWasm, depthwiseBackpropFilterWasm]
}
