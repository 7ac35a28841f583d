import { convolutionGradients } from "./gradients/convolution.ts"
import { conv2DBackpropFilterWasm, conv2DBackpropInputWasm, conv2DWasm } from "./kernels/convolution.ts"
import type { KernelSet } from "./registry.ts"

/**
 * What convolutions need to be trained. `Layers.conv2d` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Backend } from "effect-neuron"
 *
 * Backend.install(Backend.convolution)
 * const sum = (filter: tf.Tensor4D) => [tf.sum(tf.conv2d(tf.ones<tf.Rank.R4>([1, 2, 2, 1]), filter, 1, "valid")), 0] as const
 * Backend.valueAndGrad(sum)(tf.ones([1, 1, 1, 1])).grads.dataSync() // => Float32Array.of(4)
 * ```
 */
export const convolution: KernelSet = {
  gradients: convolutionGradients,
  kernels: [conv2DWasm, conv2DBackpropInputWasm, conv2DBackpropFilterWasm]
}
