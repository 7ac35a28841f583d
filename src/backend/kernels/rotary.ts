import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

/** How heads are turned: the first so many of them, forward or back. */
export interface Rotary {
  readonly heads: number
  readonly inverse: boolean
}

/** A kernel of this package: heads of `[batch, time, heads, size]`, turned by the cosines and sines of each step. */
export const rotaryWasm: KernelOverride = {
  kernelName: "Rotary",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, angles = call.inputs["angles"]!
    const { heads: turned, inverse } = call.attrs as unknown as Rotary
    if (companion() === undefined || x.size === 0) return stock(call as never)
    const [batch, time, heads, size] = x.shape as [number, number, number, number], row = heads * size
    const out = wasmBackend(call.backend).makeOutput(x.shape, "float32")
    share("rotary", { count: batch * time, unit: 1, work: x.size * 0.4 }, (first, some) => [
      ...[some, first, time, heads, turned, size / 2, pointer(x) + 4 * first * row, pointer(angles)],
      ...[pointer(out) + 4 * first * row, inverse ? -1 : 1]
    ])
    return out
  }
}
