import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

/** One-hot rows of float32. The stock kernel writes the bits of integers, whatever element type it is asked for. */
export const oneHotWasm: KernelOverride = {
  kernelName: "OneHot",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { depth, dtype, offValue, onValue } = call.attrs as { [name: string]: number } & { dtype?: string }
    if (dtype !== "float32") return stock(call as never)
    const indices = call.inputs["indices"]!
    const out = wasmBackend(call.backend).makeOutput([...indices.shape, depth!], "float32")
    const rows = heapView(call.backend, out).fill(offValue!)
    heapView(call.backend, indices).forEach((index, row) => {
      if (index >= 0 && index < depth!) rows[row * depth! + index] = onValue!
    })
    return out
  }
}
