import type { Tensor } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import { parallel, share } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly sumsScratch: (columns: number) => number
}

// Nanoseconds for a value, at least.
const FORWARD = 0.2, BACKWARD = 0.4

/** Rows whose gradients by scale and offset are added up one after the other: a matter of the shape alone. */
const rowsTogether = (rows: number): number => Math.max(4, Math.min(64, 4 * Math.ceil(rows / 64)))

// All have names of our own.

const forward = (kernelName: string, name: "layerNorm" | "rmsNorm"): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const { attrs, backend, inputs } = call, x = inputs["x"]!
    if (companion() === undefined || x.size === 0) return stock(call as never)
    const y = wasmBackend(backend).makeOutput(x.shape, "float32"), n = inputs["scale"]!.size
    const affine = [inputs["scale"]!, ...(inputs["offset"] === undefined ? [] : [inputs["offset"]])].map(pointer)
    const [from, to] = [pointer(x), pointer(y)], epsilon = attrs["epsilon"] as number
    share(name, { count: x.size / n, unit: 4, work: x.size * FORWARD }, (first, some) => {
      const at = 4 * n * first
      return [some, n, epsilon, from + at, ...affine, to + at]
    })
    return y
  }
})

/** x normalized over the axes that the scale has, times it, plus the offset. */
export const layerNormWasm = forward("LayerNorm", "layerNorm")

/** The same with the mean square in place of the moments, without an offset. */
export const rmsNormWasm = forward("RmsNorm", "rmsNorm")

/** `[dx, dscale]`, and `doffset` where there is an offset. */
const backward = (kernelName: string, name: "layerNormGradient" | "rmsNormGradient"): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const { attrs, backend } = call, { dy, scale, x } = call.inputs as { readonly [name: string]: Tensor }
    const fast = companion<Functions>(), n = scale!.size, rows = x!.size / n, together = rowsTogether(rows)
    if (fast === undefined || x!.size === 0) return stock(call as never)
    const make = (shape: ReadonlyArray<number>) => wasmBackend(backend).makeOutput(shape, "float32")
    const dx = make(x!.shape), affine = name === "layerNormGradient" ? [0, 1] : [0]
    const sums = affine.map(() => make(scale!.shape)), parts = Math.ceil(rows / together)
    const space = parts === 1 ? 0 : scratch(affine.length * 4 * n * parts + fast.sumsScratch(n)), size = 4 * n * parts
    const [from, slopes, to] = [pointer(x!), pointer(dy!), pointer(dx)], factors = pointer(scale!)
    const epsilon = attrs["epsilon"] as number
    share(name, { count: parts, unit: 1, work: x!.size * BACKWARD }, (first, some) => {
      const at = 4 * n * together * first, count = Math.min(rows, (first + some) * together) - first * together
      const into = affine.map((i) => parts === 1 ? pointer(sums[i]!) : space + size * i + 4 * n * first)
      return [count, n, together, epsilon, from + at, factors, slopes + at, to + at, ...into]
    })
    if (parts > 1) {
      const rest = space + affine.length * size
      parallel("sums", affine.map((i) => [1, parts, n, 1, space + size * i, pointer(sums[i]!), rest]), { work: 0 })
    }
    return [dx, ...sums]
  }
})

export const layerNormGradientWasm = backward("LayerNormGradient", "layerNormGradient")

export const rmsNormGradientWasm = backward("RmsNormGradient", "rmsNormGradient")
