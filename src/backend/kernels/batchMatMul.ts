import { matMul, reshape, tidy, transpose } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { KernelOverride } from "../registry.ts"

/**
 * Only a plain product of two matrices reaches the fast path of the stock kernel (XNNPACK); a transposed operand costs
 * it 10 to 30 times as much as transposing first, and a batch of left operands with one right operand 10 times as much
 * as one tall matrix.
 */
export const batchMatMulWasm: KernelOverride = {
  kernelName: "BatchMatMul",
  backendName: "wasm",
  kernel: (call, stock) => {
    const a = call.inputs["a"]!, b = call.inputs["b"]!
    const transposeA = call.attrs["transposeA"] as boolean, transposeB = call.attrs["transposeB"] as boolean
    if (transposeA || transposeB) {
      return tidy(() => matMul(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b))
    }
    if (
      a.rank > 2 && b.rank <= a.rank && b.size === b.shape.at(-1)! * b.shape.at(-2)! &&
      a.shape.at(-1) === b.shape.at(-2)
    ) {
      return tidy(() => {
        const columns = b.shape.at(-1)!, inner = a.shape.at(-1)!
        const product = matMul(reshape(a, [-1, inner]), reshape(b, [inner, columns]))
        return reshape(product, [...a.shape.slice(0, -1), columns])
      })
    }
    return stock(call as never)
  }
}

const swapLast = (x: Tensor): Tensor => {
  const axes = x.shape.map((_, axis) => axis)
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2])
}
