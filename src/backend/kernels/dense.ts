import { companion, pointer, scratch } from "../companion/companion.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly denseScratch: (rows: number, inputs: number, outputs: number) => number
  readonly dense: (
    ...args: [
      ...[rows: number, inputs: number, outputs: number, x: number, kernel: number, bias: number],
      ...[slope: number, y: number, scratch: number]
    ]
  ) => void
}

const run = ({ attrs, backend, inputs }: KernelCall) => {
  const x = inputs["x"]!, kernel = inputs["kernel"]!, bias = inputs["bias"]!, fast = companion<Functions>()!
  const [rows, features] = x.shape as [number, number], units = kernel.shape[1]!
  const y = wasmBackend(backend).makeOutput([rows, units], "float32")
  const space = scratch(fast.denseScratch(rows, features, units))
  const slope = (attrs["slope"] ?? 1) as number
  fast.dense(rows, features, units, pointer(x), pointer(kernel), pointer(bias), slope, pointer(y), space)
  return y
}

// Both have names of our own, and are called only where the companion module is there. They are two for the gradient of
// the second, which needs the output.

/** x kernel + bias. */
export const denseWasm: KernelOverride = { kernelName: "Dense", backendName: "wasm", kernel: run }

/** The same, and of what is negative in it `slope` times as much. */
export const rectifiedDenseWasm: KernelOverride = { kernelName: "RectifiedDense", backendName: "wasm", kernel: run }
