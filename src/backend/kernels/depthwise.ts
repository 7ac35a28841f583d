import { backend_util } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"
import { setGeometry } from "./companionConvolution.ts"
import type { Geometry, Shape4D } from "./companionConvolution.ts"

interface Functions {
  readonly convolution: (...sizes: ReadonlyArray<number>) => void
  readonly depthwiseScratch: () => number
  readonly depthwiseConvolve: (x: number, filter: number, y: number, scratch: number) => void
  readonly depthwiseFilterGradient: (x: number, dy: number, dFilter: number) => void
  readonly depthwiseInputGradient: (dy: number, filter: number, dx: number) => void
}

const geometry = (
  inputShape: ReadonlyArray<number>,
  filterShape: ReadonlyArray<number>,
  attrs: NamedAttrMap
): Geometry =>
  backend_util.computeConv2DInfo(
    [...inputShape] as Shape4D,
    [...filterShape] as Shape4D,
    attrs["strides"] as [number, number],
    (attrs["dilations"] ?? 1) as [number, number],
    attrs["pad"] as "same",
    attrs["dimRoundingMode"] as "floor",
    true
  )

const compute = (
  call: KernelCall,
  inputs: ReadonlyArray<Tensor>,
  outShape: ReadonlyArray<number>,
  g: Geometry,
  fast: (functions: Functions, out: number) => void,
  slow: (out: Float32Array) => void
): TensorInfo => {
  const out = wasmBackend(call.backend).makeOutput(outShape, "float32"), functions = companion<Functions>()
  const empty = inputs.some(({ size }) => size === 0)
  if (functions !== undefined && !empty && g.inChannels > 0) {
    setGeometry(functions, g)
    fast(functions, pointer(out))
  } else {
    const values = heapView(call.backend, out)
    values.fill(0)
    if (!empty) slow(values)
  }
  return out
}

/** Calls back for each product of the convolution, with the places of its three factors. */
const products = (g: Geometry, each: (x: number, filter: number, y: number) => void): void => {
  const multiplier = g.outChannels / g.inChannels
  for (let position = 0, y = 0; position < g.batchSize * g.outHeight * g.outWidth; position++, y += g.outChannels) {
    const row = Math.floor(position / g.outWidth), image = Math.floor(row / g.outHeight)
    for (let tap = 0; tap < g.filterHeight * g.filterWidth; tap++) {
      const iy = row % g.outHeight * g.strideHeight - g.padInfo.top
        + Math.floor(tap / g.filterWidth) * g.dilationHeight
      const ix = position % g.outWidth * g.strideWidth - g.padInfo.left + tap % g.filterWidth * g.dilationWidth
      if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth) continue
      const x = ((image * g.inHeight + iy) * g.inWidth + ix) * g.inChannels
      for (let o = 0; o < g.outChannels; o++) each(x + Math.floor(o / multiplier), tap * g.outChannels + o, y + o)
    }
  }
}

/**
 * The convolution itself: in half the time of the stock kernel, in a quarter where several filters go over a channel.
 */
export const depthwiseWasm: KernelOverride = {
  kernelName: "DepthwiseConv2dNative",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, filter = call.inputs["filter"]!, fast = companion<Functions>()
    if (fast === undefined || x.dtype !== "float32" || filter.dtype !== "float32") return stock(call as never)
    const g = geometry(x.shape, filter.shape, call.attrs)
    if (x.size === 0 || filter.size === 0 || g.outHeight < 1 || g.outWidth < 1) return stock(call as never)
    const y = wasmBackend(call.backend).makeOutput(g.outShape, "float32")
    setGeometry(fast, g)
    fast.depthwiseConvolve(pointer(x), pointer(filter), pointer(y), scratch(fast.depthwiseScratch()))
    return y
  }
}

/** The gradient by the filter, which the backend lacks. */
export const depthwiseBackpropFilterWasm: KernelOverride = {
  kernelName: "DepthwiseConv2dNativeBackpropFilter",
  backendName: "wasm",
  kernel: (call) => {
    const x = call.inputs["x"]!, dy = call.inputs["dy"]!, filterShape = call.attrs["filterShape"] as Array<number>
    const g = geometry(x.shape, filterShape, call.attrs)
    return compute(
      call,
      [x, dy],
      filterShape,
      g,
      (fast, dFilter) => fast.depthwiseFilterGradient(pointer(x), pointer(dy), dFilter),
      (dFilter) => {
        const xs = heapView(call.backend, x), dys = heapView(call.backend, dy)
        products(g, (i, j, k) => dFilter[j]! += xs[i]! * dys[k]!)
      }
    )
  }
}

/** The gradient by the input, which the backend lacks. */
export const depthwiseBackpropInputWasm: KernelOverride = {
  kernelName: "DepthwiseConv2dNativeBackpropInput",
  backendName: "wasm",
  kernel: (call) => {
    const dy = call.inputs["dy"]!, filter = call.inputs["filter"]!
    const inputShape = call.attrs["inputShape"] as Array<number>
    const g = geometry(inputShape, filter.shape, call.attrs)
    return compute(
      call,
      [dy, filter],
      inputShape,
      g,
      (fast, dx) => fast.depthwiseInputGradient(pointer(dy), pointer(filter), dx),
      (dx) => {
        const dys = heapView(call.backend, dy), filters = heapView(call.backend, filter)
        products(g, (i, j, k) => dx[i]! += dys[k]! * filters[j]!)
      }
    )
  }
}
