import { add, conv2d } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core"
import {
  conv2DBackpropFilterWasm,
  conv2DBackpropInputWasm,
  conv2DWasm,
  conv2DWithBiasWasm
} from "../backend/kernels/convolution.ts"
import { rectifiedConv2DWasm } from "../backend/kernels/rectifiedConvolution.ts"
import { convolutionGradients } from "./convolutionGradients.ts"
import { rectify } from "./dense.ts"
import { runFused } from "./fused.ts"
import type { KernelSet } from "./registry.ts"

/**
 * What convolutions need to be trained. `Layers.conv2d` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Backend } from "effect-neuron"
 *
 * Backend.install(Backend.convolution)
 * const sum = (filter: tf.Tensor4D) => [tf.sum(tf.conv2d(tf.ones<tf.Rank.R4>([1, 2, 2, 1]), filter, 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(sum)(tf.ones([1, 1, 1, 1])).grads.dataSync() // => Float32Array.of(4)
 * ```
 */
export const convolution: KernelSet = {
  gradients: convolutionGradients,
  kernels: [conv2DWasm, conv2DWithBiasWasm, rectifiedConv2DWasm, conv2DBackpropInputWasm, conv2DBackpropFilterWasm]
}

/**
 * A convolution plus a bias for each filter, rectified if there is a slope, which is at least 0: in one pass on the
 * WebAssembly backend, composed on others.
 */
export const conv2dWithBias = (
  x: Tensor,
  filter: Tensor,
  bias: Tensor,
  strides: [number, number],
  pad: "same" | "valid",
  dilations: [number, number],
  slope?: number
): Tensor => {
  const attrs = { strides, pad, dataFormat: "NHWC", dilations }, inputs = { x, filter, bias }
  const fused = slope === undefined
    ? runFused("Conv2DWithBias", inputs, attrs)
    : runFused("RectifiedConv2D", inputs, { ...attrs, slope })
  return fused ??
    rectify(add(conv2d(x as Tensor4D, filter as Tensor4D, strides, pad, "NHWC", dilations), bias as Tensor1D), slope)
}
