import type { Tensor } from "@tensorflow/tfjs-core"
import { partial, slicePart } from "../autodiff/parts.ts"
import { sliceWasm } from "../backend/kernels/blocks.ts"
import type { KernelSet } from "../backend/registry.ts"

/** A part of a tensor. */
export const slices: KernelSet = {
  gradients: [
    {
      kernelName: "Slice",
      inputsToSave: ["x"],
      gradFunc: (dy, saved, { begin }) => ({
        x: partial(() => slicePart(dy as Tensor, { begin: begin as number[], whole: saved[0]!.shape }))
      })
    }
  ],
  kernels: [sliceWasm]
}
