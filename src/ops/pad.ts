import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { KernelSet } from "../backend/registry.ts"

/** A tensor with a margin; of its own values, that is in mirrorPad.ts. */
export const pads: KernelSet = {
  gradients: [
    {
      kernelName: "PadV2",
      inputsToSave: ["x"],
      gradFunc: (dy, saved, attrs) => {
        const before = (attrs["paddings"] as unknown as Array<[number, number]>).map(([n]) => n)
        return { x: () => tf.slice(dy as Tensor, before, saved[0]!.shape) }
      }
    }
  ],
  kernels: []
}
