import {
  avgPoolGradWasm,
  avgPoolWasm,
  maxPoolGatherWasm,
  maxPoolGradWasm,
  maxPoolWasm
} from "../backend/kernels/pooling.ts"
import { poolingGradients } from "./poolingGradients.ts"
import type { KernelSet } from "./registry.ts"

/**
 * What pooling needs to be trained. The pooling layers install it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Backend } from "effect-neuron"
 *
 * Backend.install(Backend.pooling)
 * const top = (x: tf.Tensor4D) => [tf.sum(tf.maxPool(x, 2, 2, "valid")), 0] as const
 * Autodiff.valueAndGrad(top)(tf.tensor4d([1, 2, 4, 3], [1, 2, 2, 1])).grads.dataSync() // => Float32Array.of(0, 0, 1, 0)
 * ```
 */
export const pooling: KernelSet = {
  gradients: poolingGradients,
  kernels: [maxPoolWasm, avgPoolWasm, maxPoolGradWasm, avgPoolGradWasm, maxPoolGatherWasm]
}
