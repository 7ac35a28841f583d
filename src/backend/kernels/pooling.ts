import { backend_util } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
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

/** Calls `visit` for every window and channel with the places of its first largest element and of its output. */
const eachMaximum = (g: Geometry, x: Float32Array, visit: (place: number, output: number) => void): void => {
  const channels = g.inChannels, best = new Float32Array(channels), places = new Int32Array(channels)
  eachWindow(g, (example, output, top, bottom, left, right) => {
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const at = ((example * g.inHeight + row) * g.inWidth + column) * channels
        const first = row === top && column === left
        for (let c = 0; c < channels; c++) {
          const value = x[at + c]!, most = best[c]!
          // A NaN is larger than any number, so that its gradient is not lost.
          if (first || !(value <= most || Number.isNaN(most))) {
            best[c] = value
            places[c] = at + c
          }
        }
      }
    }
    for (let c = 0; c < channels; c++) visit(places[c]!, output + c)
  })
}

// As in assembly/pool.ts.
const MAXIMUM = 0, MEAN = 1, MAXIMUM_GRADIENT = 2, MEAN_GRADIENT = 3, GATHER = 4

const onWindows = (kind: number, g: Geometry, image: TensorInfo, other: TensorInfo, windows: TensorInfo): void => {
  const [imageAt, otherAt, windowsAt] = [image, other, windows].map(pointer) as [number, number, number]
  const size = 4 * g.inHeight * g.inWidth * g.inChannels, outSize = 4 * g.outHeight * g.outWidth * g.inChannels
  // As many nanoseconds as elements are read or written, divided by some.
  const work = g.batchSize * (size + outSize * g.filterHeight * g.filterWidth) / 40
  share("pool", { count: g.batchSize, unit: 1, work }, (first, images) => [
    ...[kind, images, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth],
    ...[g.filterHeight, g.filterWidth, g.strideHeight, g.strideWidth, g.padInfo.top, g.padInfo.left],
    ...[imageAt + first * size, otherAt + first * size, windowsAt + first * outSize]
  ])
}

const forwardKernel = (kernelName: string, kind: number): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, fast = companion()
    if (fast === undefined || x.dtype !== "float32") return stock(call as never)
    const g = geometry(x, call.attrs)
    const out = wasmBackend(call.backend).makeOutput(g.outShape, "float32")
    onWindows(kind, g, x, x, out)
    return out
  }
})

/**
 * Maxima, which are NaN where a window holds one; the stock kernel drops it. It takes 1.3 times as long for windows of
 * two by two, and 0.7 times for three by three.
 */
export const maxPoolWasm = forwardKernel("MaxPool", MAXIMUM)

/** Means of what lies inside the image. The stock kernel makes negative infinity of NaN. */
export const avgPoolWasm = forwardKernel("AvgPool", MEAN)

const gradientKernel = (
  kernelName: string,
  kind: number,
  write: (g: Geometry, dy: Float32Array, x: Float32Array, dx: Float32Array) => void
): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call: KernelCall): TensorInfo => {
    const dy = call.inputs["dy"]!, input = call.inputs["input"]!, g = geometry(input, call.attrs)
    const out = wasmBackend(call.backend).makeOutput(input.shape, "float32"), fast = companion()
    if (fast !== undefined) onWindows(kind, g, input, out, dy)
    else write(g, heapView(call.backend, dy), heapView(call.backend, input), heapView(call.backend, out).fill(0))
    return out
  }
})

/**
 * The gradient of max pooling goes to the first largest element of each window, for any window, stride and padding. The
 * companion module takes 0.17 ns for an element under windows of two by two, and 0.6 under windows of three by three in
 * steps of two; the loop that serves without it takes 4 and 8, and the stock kernel 10 times as long as the loop.
 */
export const maxPoolGradWasm = gradientKernel(
  "MaxPoolGrad",
  MAXIMUM_GRADIENT,
  (g, dy, x, dx) =>
    eachMaximum(g, x, (place, output) => {
      dx[place]! += dy[output]!
    })
)

/** The gradient of average pooling is shared evenly by the elements of each whole window, as by the stock kernel. */
export const avgPoolGradWasm = gradientKernel("AvgPoolGrad", MEAN_GRADIENT, (g, dy, _, dx) => {
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

/**
 * The values in the places of the maxima of another tensor, a kernel of our own: the gradient of that of max pooling by
 * dy.
 */
export const maxPoolGatherWasm: KernelOverride = {
  kernelName: "MaxPoolGather",
  backendName: "wasm",
  kernel: (call) => {
    const values = call.inputs["values"]!, input = call.inputs["input"]!, g = geometry(input, call.attrs)
    const out = wasmBackend(call.backend).makeOutput(g.outShape, "float32"), fast = companion()
    if (fast !== undefined) onWindows(GATHER, g, input, values, out)
    else {
      const from = heapView(call.backend, values), to = heapView(call.backend, out).fill(0)
      eachMaximum(g, heapView(call.backend, input), (place, output) => {
        to[output] = from[place]!
      })
    }
    return out
  }
}
