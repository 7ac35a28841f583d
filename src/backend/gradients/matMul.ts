import { matMul as product } from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { sumTo } from "./broadcast.ts"

/** With C = op(A) op(B), where op transposes or not: dA = op(dC op(B)ᵀ), dB = op(op(A)ᵀ dC). */
export const matMul: ReadonlyArray<GradConfig> = [{
  kernelName: "BatchMatMul",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, saved, attrs) => {
    const a = saved[0]!, b = saved[1]!, dc = dy as Tensor
    const transposeA = attrs["transposeA"] as boolean, transposeB = attrs["transposeB"] as boolean
    return {
      a: () => sumTo(transposeA ? product(b, dc, transposeB, true) : product(dc, b, false, !transposeB), a.shape),
      b: () => sumTo(transposeB ? product(dc, a, true, transposeA) : product(a, dc, !transposeA, false), b.shape)
    }
  }
}]
