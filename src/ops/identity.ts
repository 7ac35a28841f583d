import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { castWasm, identityWasm } from "../backend/kernels/identity.ts"
import type { KernelSet } from "../backend/registry.ts"

/** The same values, as they are or in another type. */
export const identities: KernelSet = {
  gradients: [
    { kernelName: "Identity", gradFunc: (dy) => ({ x: () => tf.clone(dy as Tensor) }) },
    {
      kernelName: "Cast",
      inputsToSave: ["x"],
      gradFunc: (dy) => ({ x: () => tf.cast(dy as Tensor, "float32") })
    }
  ],
  kernels: [identityWasm, castWasm]
}
