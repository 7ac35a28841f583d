import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { scatterGradients } from "./scatter.ts"

const gradient: GradConfig = {
  kernelName: "TopK",
  inputsToSave: ["x"],
  // The places of the values, which have no gradient.
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const [x, indices] = saved as [Tensor, Tensor], dy = (dys as unknown as [Tensor, Tensor])[0]
    return {
      x: () => {
        if (indices.size === 0) return tf.zerosLike(x)
        const n = x.shape.at(-1)!, k = indices.shape.at(-1)!, rows = indices.size / k
        const starts = tf.mul(tf.reshape(tf.range(0, rows, 1, "int32"), [rows, 1]), tf.scalar(n, "int32"))
        const places = tf.reshape(tf.add(tf.reshape(indices, [rows, k]), starts), [rows * k, 1])
        return tf.reshape(tf.scatterND(places, tf.reshape(dy, [rows * k]), [x.size]), x.shape)
      }
    }
  }
}

/**
 * What `tf.topk` needs to be trained. {@link topK} installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.largest)
 * const two = (x: tf.Tensor) => [tf.sum(tf.topk(x, 2).values), 0] as const
 * Autodiff.valueAndGrad(two)(tf.tensor1d([3, 1, 2])).grads.arraySync() // => [1, 0, 1]
 * ```
 */
export const largest: KernelSet = { gradients: [gradient, ...scatterGradients], kernels: [] }

/**
 * The k largest values along the last axis, largest first, and their places in it (int32). Of values that tie the first
 * comes first. Throws for a k beyond the length of the axis.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.topK(tf.tensor1d([3, 1, 2]), 2).indices.arraySync() // => [0, 2]
 * ```
 */
export const topK = (x: Tensor, k: number): { readonly values: Tensor; readonly indices: Tensor } => {
  ready(largest)
  return tf.topk(x, k)
}
