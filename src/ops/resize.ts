import { resizeWasm } from "../backend/kernels/resize.ts"
import type { KernelSet } from "./registry.ts"
import { resizeGradients } from "./resizeGradients.ts"

/**
 * What a model that changes the size of images needs: `tf.image.resizeBilinear` and `tf.image.resizeNearestNeighbor` with
 * their gradients. To be installed by layers that call them.
 *
 * @example
 * ```ts
 * import { Backend } from "effect-neuron"
 *
 * Backend.install(Backend.resizing)
 * ```
 */
export const resizing: KernelSet = { gradients: resizeGradients, kernels: resizeWasm }
