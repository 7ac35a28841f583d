import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly denseScratch: (rows: number, inputs: number, outputs: number) => number
}

const run: KernelOverride["kernel"] = (call, stock) => {
  const { attrs, backend, inputs } = call, fast = companion<Functions>()
  const x = inputs["x"]!, kernel = inputs["kernel"]!, bias = inputs["bias"]!
  if (fast === undefined || x.size === 0 || kernel.size === 0) return stock(call as never)
  const [rows, features] = x.shape as [number, number], units = kernel.shape[1]!
  const y = wasmBackend(backend).makeOutput([rows, units], "float32")
  const slope = (attrs["slope"] ?? 1) as number, work = rows * features * units / 28
  const needs = { scratch: fast.denseScratch(rows, features, units) }
  // Each part packs what the others do not divide: parts of the longer side.
  if (rows > units) {
    const part = (first: number, some: number) => [
      ...[some, features, units, pointer(x) + 4 * first * features, pointer(kernel), pointer(bias), slope],
      pointer(y) + 4 * first * units
    ]
    share("dense", { count: rows, unit: 12, work, perThread: 2 }, part, needs)
  } else {
    const part = (first: number, some: number) => [
      ...[rows, features, units, some, pointer(x), pointer(kernel) + 4 * first, pointer(bias) + 4 * first, slope],
      pointer(y) + 4 * first
    ]
    share("denseColumns", { count: units, unit: 8, work, perThread: 2 }, part, needs)
  }
  return y
}

// Both have names of our own. They are two for the gradient of the second, which needs the output.

/** x kernel + bias. */
export const denseWasm: KernelOverride = { kernelName: "Dense", backendName: "wasm", kernel: run }

/** The same, and of what is negative in it `slope` times as much. */
export const rectifiedDenseWasm: KernelOverride = { kernelName: "RectifiedDense", backendName: "wasm", kernel: run }
