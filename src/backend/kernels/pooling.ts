import { backend_util } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

const geometry = (input: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap) =>
  backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as "valid",
    dimRoundingMode as "floor"
  )

type Geometry = ReturnType<typeof geometry>

/**
 * Calls `visit` for every window with the offset of its output and the bounds of its input, padding left out. A window
 * of nothing but padding has no input.
 */
const eachWindow = (
  g: Geometry,
  visit: (example: number, output: number, top: number, bottom: number, left: number, right: number) => void
): void => {
  let output = 0
  for (let example = 0; example < g.batchSize; example++) {
    for (let row = 0; row < g.outHeight; row++) {
      const start = row * g.strideHeight - g.padInfo.top
      for (let column = 0; column < g.outWidth; column++) {
        const begin = column * g.strideWidth - g.padInfo.left
        const top = Math.max(start, 0), bottom = Math.min(start + g.filterHeight, g.inHeight)
        const left = Math.max(begin, 0), right = Math.min(begin + g.filterWidth, g.inWidth)
        if (top < bottom && left < right) visit(example, output, top, bottom, left, right)
        output += g.inChannels
      }
    }
  }
}

const gradientKernel = (
  kernelName: string,
  write: (g: Geometry, dy: Float32Array, x: Float32Array, dx: Float32Array) => void
): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call: KernelCall): TensorInfo => {
    const dy = call.inputs["dy"]!, input = call.inputs["input"]!
    const out = wasmBackend(call.backend).makeOutput(input.shape, "float32")
    const dx = heapView(call.backend, out).fill(0)
    write(geometry(input, call.attrs), heapView(call.backend, dy), heapView(call.backend, input), dx)
    return out
  }
})

/**
 * The gradient of max pooling goes to the first largest element of each window. A loop over the backend's memory, for
 * any window, stride and padding; the stock kernel takes 10 times as long.
 */
export const maxPoolGradWasm = gradientKernel("MaxPoolGrad", (g, dy, x, dx) => {
  const channels = g.inChannels, best = new Float32Array(channels), from = new Int32Array(channels)
  eachWindow(g, (example, output, top, bottom, left, right) => {
    best.fill(-Infinity)
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const at = ((example * g.inHeight + row) * g.inWidth + column) * channels
        for (let c = 0; c < channels; c++) {
          const value = x[at + c]!
          // Not `value > best`, so that a NaN is taken and its gradient is not lost.
          if (!(value <= best[c]!)) {
            best[c] = value
            from[c] = at + c
          }
        }
      }
    }
    for (let c = 0; c < channels; c++) dx[from[c]!]! += dy[output + c]!
  })
})

/** The gradient of average pooling is shared evenly by the elements of each whole window, as by the stock kernel. */
export const avgPoolGradWasm = gradientKernel("AvgPoolGrad", (g, dy, _, dx) => {
  const channels = g.inChannels, share = 1 / (g.filterHeight * g.filterWidth)
  eachWindow(g, (example, output, top, bottom, left, right) => {
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const at = ((example * g.inHeight + row) * g.inWidth + column) * channels
        for (let c = 0; c < channels; c++) dx[at + c]! += dy[output + c]! * share
      }
    }
  })
})
