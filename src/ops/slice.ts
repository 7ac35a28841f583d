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
      gradFunc: (dy, saved, { begin }) => {
        // One number is the begin along the first axis; where none is given a slice begins at 0.
        const whole = saved[0]!.shape, given = [begin as number | Array<number>].flat()
        return { x: partial(() => slicePart(dy as Tensor, { begin: whole.map((_, axis) => given[axis] ?? 0), whole })) }
      }
    }
  ],
  kernels: [sliceWasm]
}
