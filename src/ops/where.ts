import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { selectWasm } from "../backend/kernels/binary.ts"
import { selectOfBooleansWasm } from "../backend/kernels/stock.ts"
import type { KernelSet } from "../backend/registry.ts"

/** One value or the other, as a condition says. */
export const selection: KernelSet = {
  gradients: [
    {
      kernelName: "Select",
      inputsToSave: ["condition"],
      gradFunc: (dy, saved) => {
        const condition = saved[0]!, d = dy as Tensor, zeros = () => tf.zerosLike(d)
        return {
          condition: zeros,
          // Not times 0, which an infinite gradient of what was not chosen would not stay.
          t: () => tf.where(condition, d, zeros()),
          e: () => tf.where(condition, zeros(), d)
        }
      }
    }
  ],
  kernels: [selectOfBooleansWasm, selectWasm]
}
