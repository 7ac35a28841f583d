import { broadcast_util, matMul, reshape, tidy, transpose } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

/**
 * Only a plain product of two matrices reaches the fast path of the stock kernel (XNNPACK); a transposed operand costs
 * it 10 to 30 times as much as transposing first, and a batch of left operands with one right operand 10 times as much
 * as one tall matrix. A sum over nothing, as in the gradients of an empty batch, it leaves unwritten; here it is 0.
 */
export const batchMatMulWasm: KernelOverride = {
  kernelName: "BatchMatMul",
  backendName: "wasm",
  kernel: (call, stock) => {
    const a = call.inputs["a"]!, b = call.inputs["b"]!
    const transposeA = call.attrs["transposeA"] as boolean, transposeB = call.attrs["transposeB"] as boolean
    if ((a.size === 0 || b.size === 0) && a.dtype === "float32" && b.dtype === "float32") {
      const rows = a.shape.at(transposeA ? -1 : -2)!, columns = b.shape.at(transposeB ? -2 : -1)!
      const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
      const out = wasmBackend(call.backend).makeOutput([...batch, rows, columns], "float32")
      heapView(call.backend, out).fill(0)
      return out
    }
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
