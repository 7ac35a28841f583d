import { matMul as product, reshape } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { batchMatMulWasm } from "../backend/kernels/batchMatMul.ts"
import type { KernelSet } from "../backend/registry.ts"
import { sumTo } from "./broadcast.ts"

/** With C = op(A) op(B), where op transposes or not: dA = op(dC op(B)ᵀ), dB = op(op(A)ᵀ dC). */
export const matMul: KernelSet = {
  gradients: [{
    kernelName: "BatchMatMul",
    inputsToSave: ["a", "b"],
    gradFunc: (dy, saved, attrs) => {
      const a = saved[0]!, b = saved[1]!, dc = dy as Tensor
      const transposeA = attrs["transposeA"] as boolean, transposeB = attrs["transposeB"] as boolean
      return {
        a: () => sumTo(transposeA ? product(b, dc, transposeB, true) : product(dc, b, false, !transposeB), a.shape),
        b: () => {
          // Where a batch shares b, the sum over the batch is one product of tall matrices.
          const shared = b.size === b.shape.at(-1)! * b.shape.at(-2)! && a.rank > 2 && a.size > 0 && !transposeA
          if (!shared) {
            return sumTo(transposeB ? product(dc, a, true, transposeA) : product(a, dc, !transposeA, false), b.shape)
          }
          const left = reshape(a, [-1, a.shape.at(-1)!]), right = reshape(dc, [-1, dc.shape.at(-1)!])
          return reshape(transposeB ? product(right, left, true) : product(left, right, true), b.shape)
        }
      }
    }
  }],
  kernels: [batchMatMulWasm]
}
