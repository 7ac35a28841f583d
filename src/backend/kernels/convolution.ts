import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"
import { convolve, filterGradient, geometry, inputGradient } from "./companionConvolution.ts"
import type { Geometry, Shape4D } from "./companionConvolution.ts"

/** Pads or crops an axis: `before` and `after` may be negative. */
const fit = (x: Tensor, axis: number, before: number, after: number): Tensor => {
  const margins = x.shape.map((_, a) => a === axis ? [Math.max(before, 0), Math.max(after, 0)] : [0, 0])
  const padded = before > 0 || after > 0 ? tf.pad(x, margins as Array<[number, number]>) : x
  if (before >= 0 && after >= 0) return padded
  const begin = padded.shape.map((_, a) => a === axis ? Math.max(-before, 0) : 0)
  const size = padded.shape.map((n, a) => a === axis ? n - Math.max(-before, 0) - Math.max(-after, 0) : n)
  return tf.slice(padded, begin, size)
}

/** Writes `stride - 1` zeros behind every row and column. */
const dilate = (dy: Tensor, strideHeight: number, strideWidth: number): Tensor => {
  const [batch, height, width, channels] = dy.shape as Shape4D
  if (strideHeight === 1 && strideWidth === 1) return dy
  const columns = tf.pad(tf.reshape(dy, [batch * height, width, channels]), [[0, 0], [0, 0], [
    0,
    (strideWidth - 1) * channels
  ]])
  const rows = tf.pad(tf.reshape(columns, [batch, height, width * strideWidth * channels]), [[0, 0], [0, 0], [
    0,
    (strideHeight - 1) * width * strideWidth * channels
  ]])
  return tf.reshape(rows, [batch, height * strideHeight, width * strideWidth, channels])
}

/** The convolution itself, where the companion is faster than the stock kernel, or that one is wrong. */
export const conv2DWasm: KernelOverride = {
  kernelName: "Conv2D",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, filter = call.inputs["filter"]!, { dataFormat, pad } = call.attrs
    if (dataFormat !== "NHWC") return stock(call as never)
    const g = geometry(x.shape, filter.shape, call.attrs)
    const computed = convolve(call, x, filter, undefined, "linear", g)
    if (computed !== undefined) return computed
    if (skips(g) || pad !== "same" && pad !== "valid") return composed(x, filter, g)
    return stock(call as never)
  }
}

/** Whether there are pixels that no window sees. */
const skips = (g: Geometry): boolean => g.strideHeight > g.filterHeight || g.strideWidth > g.filterWidth

/**
 * Where the stock kernel leaves outputs out, as strides exceed the kernel, or writes out of bounds, as padding is given
 * in numbers: of an image that is padded, and without the pixels that no window sees.
 */
const composed = (x: Tensor, filter: Tensor, g: Geometry): TensorInfo =>
  tf.tidy(() => {
    let image = x
    const strides = [1, 2].map((axis) => {
      const [before, stride, out, taps, dilation] = axis === 1
        ? [g.padInfo.top, g.strideHeight, g.outHeight, g.filterHeight, g.dilationHeight]
        : [g.padInfo.left, g.strideWidth, g.outWidth, g.filterWidth, g.dilationWidth]
      const length = stride > taps ? out * stride : (out - 1) * stride + (taps - 1) * dilation + 1
      image = fit(image, axis, before, length - before - image.shape[axis]!)
      if (stride <= taps) return stride
      const outer = image.shape.slice(0, axis), inner = image.shape.slice(axis + 1)
      const windows = tf.reshape(image, [product(outer), out, stride, product(inner)])
      image = tf.reshape(tf.slice(windows, [0, 0, 0, 0], [-1, -1, taps, -1]), [...outer, out * taps, ...inner])
      return taps
    })
    const dilations: [number, number] = [g.dilationHeight, g.dilationWidth]
    return tf.conv2d(
      image as Tensor4D,
      filter as Tensor4D,
      strides as [number, number],
      "valid",
      "NHWC",
      // A single tap has no neighbors.
      dilations
    )
  })

const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((a, b) => a * b, 1)

interface Functions {
  readonly finish: (
    ...args: [rows: number, columns: number, y: number, stride: number, bias: number, slope: number]
  ) => void
}

/**
 * A convolution plus a bias, and of what is negative in it `slope` times as much, if there is a slope: in one pass
 * where either the companion or XNNPACK has it, and a slope of 0 on the way.
 */
const biased: KernelOverride["kernel"] = (call, stock) => {
  const x = call.inputs["x"]!, filter = call.inputs["filter"]!, bias = call.inputs["bias"]!
  const slope = call.attrs["slope"] as number | undefined, fast = companion<Functions>()
  if (fast === undefined || x.size === 0 || filter.size === 0) return stock(call as never)
  const g = geometry(x.shape, filter.shape, call.attrs)
  const computed = convolve(call, x, filter, bias, slope === 0 ? "relu" : "linear", g)
  if (computed !== undefined && !slope) return computed
  const y = computed ?? tf.engine().runKernel("FusedConv2D", { x, filter, bias }, {
    ...call.attrs,
    activation: "linear"
  }) as Tensor
  // XNNPACK's own rectifier makes 0 of a NaN with a sign.
  if (slope !== undefined) fast.finish(1, product(y.shape), pointer(y), 0, 0, slope)
  return y
}

export const conv2DWithBiasWasm: KernelOverride = { kernelName: "Conv2DWithBias", backendName: "wasm", kernel: biased }

export const rectifiedConv2DWasm: KernelOverride = {
  kernelName: "RectifiedConv2D",
  backendName: "wasm",
  kernel: biased
}

/**
 * The gradient by the input, without the companion as the convolution of the dilated gradient with the filter turned by
 * half a turn: 10 times as fast as the stock kernel, because it runs on the fast path of the forward convolution.
 */
export const conv2DBackpropInputWasm: KernelOverride = {
  kernelName: "Conv2DBackpropInput",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (call.attrs["dataFormat"] !== "NHWC") return stock(call as never)
    const dy = call.inputs["dy"]!, filter = call.inputs["filter"]!
    const inputShape = call.attrs["inputShape"] as Array<number>
    const g = geometry(inputShape, filter.shape, call.attrs)
    const { filterHeight, filterWidth, inHeight, inWidth, padInfo, strideHeight, strideWidth } = g
    // A transposed convolution may be given more than the outputs of the input's shape; the stock kernel leaves it out.
    if (dy.shape[1] !== g.outHeight || dy.shape[2] !== g.outWidth) return stock(call as never)
    return inputGradient(call, dy, filter, g) ?? tf.tidy(() => {
      const dilated = dilate(dy, strideHeight, strideWidth)
      const top = filterHeight - 1 - padInfo.top, left = filterWidth - 1 - padInfo.left
      const rows = fit(dilated, 1, top, inHeight + filterHeight - 1 - top - dilated.shape[1]!)
      const all = fit(rows, 2, left, inWidth + filterWidth - 1 - left - dilated.shape[2]!)
      const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2])
      return tf.conv2d(all as Tensor4D, turned as Tensor4D, 1, "valid")
    })
  }
}

// How many floats of patches are made at a time: what fits in the caches is not written to memory and read again.
const PATCHES = 2 ** 22

/**
 * The gradient by the filter, which the backend lacks; without the companion, for each tap of the filter, the input
 * under it at all positions of the output, channels by positions, times the gradient, positions by channels. All taps
 * share the right operand, which the backend packs once.
 */
export const conv2DBackpropFilterWasm: KernelOverride = {
  kernelName: "Conv2DBackpropFilter",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (call.attrs["dataFormat"] !== "NHWC") return stock(call as never)
    const x = call.inputs["x"]!, dy = call.inputs["dy"]!
    const filterShape = call.attrs["filterShape"] as Shape4D
    const g = geometry(x.shape, filterShape, call.attrs)
    const positions = g.batchSize * g.outHeight * g.outWidth, taps = g.filterHeight * g.filterWidth
    const together = Math.max(1, Math.floor(PATCHES / (g.inChannels * positions)))
    return filterGradient(call, x, dy, g) ?? tf.tidy(() => {
      const byChannel = g.inChannels === 1 ? x : tf.transpose(x, [3, 0, 1, 2])
      const gradient = tf.reshape(dy, [positions, g.outChannels])
      const parts: Array<Tensor> = []
      for (let tap = 0; tap < taps; tap += together) {
        const count = Math.min(together, taps - tap)
        const patches = tf.engine().makeTensorFromTensorInfo(
          wasmBackend(call.backend).makeOutput([count * g.inChannels, positions], "float32")
        )
        writePatches(g, heapView(call.backend, byChannel), heapView(call.backend, patches), tap, tap + count)
        parts.push(tf.matMul(patches, gradient))
        patches.dispose()
      }
      return tf.reshape(parts.length === 1 ? parts[0]! : tf.concat(parts, 0), filterShape)
    })
  }
}

/**
 * Writes a row for each tap and channel: the input, `[channels, batch, height, width]`, under the tap, zero outside.
 */
const writePatches = (
  { batchSize, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth, padInfo, strideHeight, strideWidth }:
    Geometry,
  x: Float32Array,
  patches: Float32Array,
  fromTap: number,
  toTap: number
): void => {
  let to = 0
  for (let tap = fromTap; tap < toTap; tap++) {
    const top = Math.floor(tap / filterWidth) - padInfo.top, left = tap % filterWidth - padInfo.left
    // The columns of the output whose input lies inside.
    const first = Math.max(0, Math.ceil(-left / strideWidth))
    const end = Math.max(first, Math.min(outWidth, Math.floor((inWidth - 1 - left) / strideWidth) + 1))
    for (let plane = 0; plane < inChannels * batchSize; plane++) {
      for (let row = 0; row < outHeight; row++, to += outWidth) {
        const y = row * strideHeight + top
        if (y < 0 || y >= inHeight) {
          patches.fill(0, to, to + outWidth)
          continue
        }
        let from = (plane * inHeight + y) * inWidth + first * strideWidth + left
        for (let column = 0; column < first; column++) patches[to + column] = 0
        for (let column = first; column < end; column++, from += strideWidth) patches[to + column] = x[from]!
        for (let column = end; column < outWidth; column++) patches[to + column] = 0
      }
    }
  }
}
