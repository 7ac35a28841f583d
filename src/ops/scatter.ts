import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"

const none = (indices: Tensor): Tensor => tf.zeros(indices.shape, "float32")

/** Slices that are taken at places, and put at places, are each other's gradients. */
export const scatterGradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "GatherNd",
    inputsToSave: ["params", "indices"],
    gradFunc: (dy, saved) => {
      const [params, indices] = saved as [Tensor, Tensor], d = dy as Tensor
      return {
        params: () => d.size === 0 ? tf.zerosLike(params) : tf.scatterND(indices, d, params.shape),
        indices: () => none(indices)
      }
    }
  },
  {
    kernelName: "ScatterNd",
    inputsToSave: ["indices", "updates"],
    gradFunc: (dy, saved) => {
      const [indices, updates] = saved as [Tensor, Tensor]
      return {
        updates: () => updates.size === 0 ? tf.zerosLike(updates) : tf.gatherND(dy as Tensor, indices),
        indices: () => none(indices)
      }
    }
  },
  {
    kernelName: "TensorScatterUpdate",
    inputsToSave: ["indices", "updates"],
    gradFunc: (dy, saved) => {
      const [indices, updates] = saved as [Tensor, Tensor], d = dy as Tensor
      return {
        // The kernel of the cpu backend writes into its first operand: what was updated is told by another one.
        tensor: () =>
          updates.size === 0
            ? tf.clone(d)
            : tf.mul(d, tf.cast(tf.equal(tf.scatterND(indices, tf.onesLike(updates), d.shape), 0), "float32")),
        updates: () => updates.size === 0 ? tf.zerosLike(updates) : tf.gatherND(d, indices),
        indices: () => none(indices)
      }
    }
  }
]

/**
 * What `tf.gatherND`, `tf.scatterND` and `tf.tensorScatterUpdate` need to be trained. The functions here install it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.scattering)
 * const corner = (x: tf.Tensor) => [tf.sum(tf.gatherND(x, tf.tensor2d([[1, 1], [1, 1]], [2, 2], "int32"))), 0] as const
 * Autodiff.valueAndGrad(corner)(tf.ones([2, 2])).grads.arraySync() // => [[0, 0], [0, 2]]
 * ```
 */
export const scattering: KernelSet = { gradients: scatterGradients, kernels: [] }

/**
 * The slices of a tensor at places: `indices`, of int32 `[…, n]`, holds in each row a place in the first n axes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const indices = tf.tensor2d([[0, 1], [1, 0]], [2, 2], "int32")
 * Ops.gatherND(tf.tensor2d([[1, 2], [3, 4]]), indices).arraySync() // => [2, 3]
 * ```
 */
export const gatherND = (x: Tensor, indices: Tensor): Tensor => {
  ready(scattering)
  return tf.gatherND(x, indices)
}

/**
 * Zeros of a shape, with the slices of `updates` added at places, int32 `[…, n]` with a place in the first n axes in
 * each row.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const indices = tf.tensor2d([[1], [1], [2]], [3, 1], "int32")
 * Ops.scatterND(indices, tf.tensor1d([1, 2, 4]), [4]).arraySync() // => [0, 3, 4, 0]
 * ```
 */
export const scatterND = (indices: Tensor, updates: Tensor, shape: ReadonlyArray<number>): Tensor => {
  ready(scattering)
  return tf.scatterND(indices, updates, [...shape])
}
