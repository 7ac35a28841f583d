import { depthwiseBackpropFilterWasm, depthwiseBackpropInputWasm, depthwiseWasm } from "../backend/kernels/depthwise.ts"
import { depthwiseGradients } from "./depthwiseGradients.ts"
import type { KernelSet } from "./registry.ts"

/**
 * What depthwise convolutions need to be trained; a layer of one's own that calls `tf.depthwiseConv2d` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Backend } from "effect-neuron"
 *
 * Backend.install(Backend.depthwiseConvolution)
 * const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1])
 * const sum = (filter: tf.Tensor4D) => [tf.sum(tf.depthwiseConv2d(x, filter, 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(sum)(tf.ones([1, 1, 1, 1])).grads.dataSync() // => Float32Array.of(4)
 * ```
 */
export const depthwiseConvolution: KernelSet = {
  gradients: depthwiseGradients,
  kernels: [depthwiseWasm, depthwiseBackpropInputWasm, depthwiseBackpropFilterWasm]
}
