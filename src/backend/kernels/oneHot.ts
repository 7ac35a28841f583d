import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

/**
 * One-hot rows of floats or booleans. The stock kernel writes integers of four bytes, whatever element type it is asked
 * for: floats get their bits, and booleans, of one byte, are written past the end.
 */
export const oneHotWasm: KernelOverride = {
  kernelName: "OneHot",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { depth, offValue, onValue } = call.attrs as { [name: string]: number }
    const dtype = call.attrs["dtype"] as "float32" | "int32" | "bool"
    if (dtype === "int32") return stock(call as never)
    const indices = call.inputs["indices"]!
    const out = wasmBackend(call.backend).makeOutput([...indices.shape, depth!], dtype)
    const rows = heapView(call.backend, out).fill(offValue!)
    heapView(call.backend, indices).forEach((index, row) => {
      if (index >= 0 && index < depth!) rows[row * depth! + index] = onValue!
    })
    return out
  }
}
