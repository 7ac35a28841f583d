import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { splitWasm } from "../backend/kernels/blocks.ts"
import type { KernelSet } from "../backend/registry.ts"

/** The gradients by the outputs of an operation that has any number of them: of one, it is not given in a list. */
const outputs = (dy: Tensor | ReadonlyArray<Tensor>): Array<Tensor> => [dy].flat() as Array<Tensor>

/** A tensor as several. */
export const splits: KernelSet = {
  gradients: [
    {
      kernelName: "SplitV",
      gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(outputs(dy), axis as number) })
    },
    {
      kernelName: "Unpack",
      gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack(outputs(dy), axis as number) })
    }
  ],
  kernels: [splitWasm]
}
