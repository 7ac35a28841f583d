import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { reverseWasm } from "../backend/kernels/stock.ts"
import type { KernelSet } from "../backend/registry.ts"

/** Axes turned round. */
export const reverses: KernelSet = {
  gradients: [
    { kernelName: "Reverse", gradFunc: (dy, _, { dims }) => ({ x: () => tf.reverse(dy as Tensor, dims as number[]) }) }
  ],
  kernels: [reverseWasm]
}
