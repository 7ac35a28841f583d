import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { KernelSet } from "../backend/registry.ts"

/** The same values in another shape. */
export const reshapes: KernelSet = {
  gradients: [
    {
      kernelName: "Reshape",
      inputsToSave: ["x"],
      gradFunc: (dy, saved) => ({ x: () => tf.reshape(dy as Tensor, saved[0]!.shape) })
    },
    {
      kernelName: "ExpandDims",
      inputsToSave: ["input"],
      gradFunc: (dy, saved) => ({ input: () => tf.reshape(dy as Tensor, saved[0]!.shape) })
    }
  ],
  kernels: []
}
