import type { KernelOverride } from "../../ops/registry.ts"
import { companion, pointer } from "../companion/companion.ts"
import { conv2DWithBiasWasm } from "./convolution.ts"

interface Functions {
  readonly finish: (
    ...args: [rows: number, columns: number, y: number, stride: number, bias: number, slope: number]
  ) => void
}

/**
 * A convolution plus a bias, and of what is negative in it `slope` times as much, where it lies; a slope of 0 is applied
 * on the way. A kernel of our own, that is called only where the companion module is there.
 */
export const rectifiedConv2DWasm: KernelOverride = {
  kernelName: "RectifiedConv2D",
  backendName: "wasm",
  kernel: (call, stock) => {
    const slope = call.attrs["slope"] as number
    if (slope === 0) return conv2DWithBiasWasm.kernel({ ...call, attrs: { ...call.attrs, activation: "relu" } }, stock)
    const y = conv2DWithBiasWasm.kernel(call, stock)
    const out = Array.isArray(y) ? y[0]! : y, size = out.shape.reduce((a, b) => a * b, 1)
    companion<Functions>()!.finish(1, size, pointer(out), 0, 0, slope)
    return out
  }
}
