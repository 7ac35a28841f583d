import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { transposeWasm } from "../backend/kernels/transpose.ts"
import type { KernelSet } from "../backend/registry.ts"

/** Axes in another order. */
export const transposes: KernelSet = {
  gradients: [
    {
      kernelName: "Transpose",
      gradFunc: (dy, _, attrs) => {
        const perm = attrs["perm"] as Array<number>
        return { x: () => tf.transpose(dy as Tensor, perm.map((_, axis) => perm.indexOf(axis))) }
      }
    }
  ],
  kernels: [transposeWasm]
}
