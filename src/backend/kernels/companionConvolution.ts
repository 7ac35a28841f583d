import { backend_util } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import { convolutionPrecision } from "../convolutionPrecision.ts"
import type { KernelCall } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

export type Shape4D = [number, number, number, number]

export const geometry = (inputShape: ReadonlyArray<number>, filterShape: ReadonlyArray<number>, attrs: NamedAttrMap) =>
  backend_util.computeConv2DInfo(
    [...inputShape] as Shape4D,
    [...filterShape] as Shape4D,
    attrs["strides"] as [number, number],
    (attrs["dilations"] ?? 1) as [number, number],
    attrs["pad"] as "same",
    attrs["dimRoundingMode"] as "floor"
  )

export type Geometry = ReturnType<typeof geometry>

interface Functions {
  readonly convolution: (...sizes: ReadonlyArray<number>) => void
  readonly convolutionScratch: () => number
  readonly convolve: (x: number, filter: number, y: number, scratch: number) => void
  readonly convolutionFilterGradient: (x: number, dy: number, dFilter: number, scratch: number) => void
  readonly convolutionInputGradient: (dy: number, filter: number, dx: number, scratch: number) => void
  readonly fewChannelsFilterGradient: (x: number, dy: number, dFilter: number, scratch: number) => void
  readonly fewChannelsScratch: () => number
  readonly winogradScratch: (...sizes: ReadonlyArray<number>) => number
  readonly winograd: (...sizesAndPointers: ReadonlyArray<number>) => number
  readonly winogradFilterGradient: (...sizesAndPointers: ReadonlyArray<number>) => number
}

/** Tells the companion which convolution the next call is about. */
export const setGeometry = (fast: Pick<Functions, "convolution">, g: Geometry): void =>
  fast.convolution(
    ...[g.batchSize, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth, g.outChannels],
    ...[g.filterHeight, g.filterWidth, g.strideHeight, g.strideWidth, g.dilationHeight, g.dilationWidth],
    ...[g.padInfo.top, g.padInfo.left]
  )

/** Prepares the paths that go by patches, which cover everything, and returns their scratch space. */
const prepare = (fast: Functions, g: Geometry): number => {
  setGeometry(fast, g)
  return scratch(fast.convolutionScratch())
}

// The transforms need so many channels on both sides, and already pay with these.
const WINOGRAD_CHANNELS = 4

/** Kernels of 3x3 that move by single steps, over enough channels. */
const suitsWinograd = (g: Geometry): boolean =>
  g.filterHeight === 3 && g.filterWidth === 3 && g.strideHeight === 1 && g.strideWidth === 1
  && g.dilationHeight === 1 && g.dilationWidth === 1
  && g.inChannels >= WINOGRAD_CHANNELS && g.outChannels >= WINOGRAD_CHANNELS

// From this share of the products of F(2x2) on, the larger transforms of F(4x4) cost more than it saves.
const SHARE = 0.9

/** The size of the tiles of an output: 4 where that saves products, which it may not at the edges of small outputs. */
const tileSize = (height: number, width: number): number => {
  if (convolutionPrecision() === "exact") return 2
  const products = (size: number) => Math.ceil(height / size) * Math.ceil(width / size) * (size + 2) ** 2
  return products(4) <= SHARE * products(2) ? 4 : 2
}

// So many input channels make short runs of patches.
const FEW = 4

const suitsFewChannels = (g: Geometry): boolean =>
  g.inChannels <= FEW && g.dilationHeight === 1 && g.dilationWidth === 1

// Fewer products per output than this, and the stock convolution is as fast as one by patches, or faster.
const TAPS = 64

/**
 * Whether the stock convolution is slower, or can be wrong: it may leave outputs out where strides exceed the kernel (a
 * kernel of 2 in steps of 3 over 3 pixels, "same"), and writes out of bounds where padding is a number and axes differ.
 */
export const beatsStock = (g: Geometry, { pad }: NamedAttrMap): boolean =>
  suitsWinograd(g) || g.filterHeight * g.filterWidth * g.inChannels >= TAPS
  || g.strideHeight > g.filterHeight || g.strideWidth > g.filterWidth || typeof pad === "number"

/**
 * Computes with the companion into a new tensor: zeros where a sum goes over nothing, and nothing where the companion is
 * not there or does not cover the call.
 */
const compute = (
  call: KernelCall,
  inputs: ReadonlyArray<Tensor>,
  outShape: ReadonlyArray<number>,
  run: (fast: Functions, out: number) => void
): TensorInfo | undefined => {
  const fast = companion<Functions>()
  if (fast === undefined || inputs.some(({ dtype }) => dtype !== "float32")) return undefined
  const out = wasmBackend(call.backend).makeOutput(outShape, "float32")
  if (inputs.some(({ size }) => size === 0)) heapView(call.backend, out).fill(0)
  else if (outShape.every((size) => size > 0)) run(fast, pointer(out))
  return out
}

/** Whether all that it writes is finite; otherwise it has to be computed by the definition. */
const forward = (fast: Functions, x: Tensor, filter: Tensor, bias: number, g: Geometry, y: number): boolean => {
  const { batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth, padInfo } = g
  const tile = tileSize(outHeight, outWidth)
  const space = scratch(fast.winogradScratch(tile, batchSize, outHeight, outWidth, inChannels, outChannels))
  return fast.winograd(
    ...[tile, batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo.top, padInfo.left],
    ...[pointer(x), pointer(filter), 0, bias, y, space]
  ) !== 0
}

export const convolve = (call: KernelCall, x: Tensor, filter: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [x, filter], g.outShape, (fast, y) => {
    if (suitsWinograd(g) && forward(fast, x, filter, 0, g, y)) return
    const space = prepare(fast, g)
    fast.convolve(pointer(x), pointer(filter), y, space)
  })

/** With the bias added on the way; nothing where that is not covered, or where not all of it is finite. */
export const convolveWithBias = (
  call: KernelCall,
  x: Tensor,
  filter: Tensor,
  bias: Tensor,
  g: Geometry
): TensorInfo | undefined => {
  if (!suitsWinograd(g) || x.size === 0) return undefined
  let finite = true
  const out = compute(call, [x, filter, bias], g.outShape, (fast, y) => {
    finite = forward(fast, x, filter, pointer(bias), g, y)
  })
  if (finite || out === undefined) return out
  wasmBackend(call.backend).disposeData(out.dataId)
  return undefined
}

export const inputGradient = (call: KernelCall, dy: Tensor, filter: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [dy, filter], g.inShape, (fast, dx) => {
    const { batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth, padInfo } = g
    if (suitsWinograd(g)) {
      const tile = tileSize(inHeight, inWidth)
      const space = scratch(fast.winogradScratch(tile, batchSize, inHeight, inWidth, outChannels, inChannels))
      const finite = fast.winograd(
        ...[tile, batchSize, outHeight, outWidth, outChannels, inHeight, inWidth, inChannels],
        ...[2 - padInfo.top, 2 - padInfo.left, pointer(dy), pointer(filter), 1, 0, dx, space]
      )
      if (finite) return
    }
    const space = prepare(fast, g)
    fast.convolutionInputGradient(pointer(dy), pointer(filter), dx, space)
  })

export const filterGradient = (call: KernelCall, x: Tensor, dy: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [x, dy], g.filterShape, (fast, dFilter) => {
    const { batchSize, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth, padInfo } = g
    if (suitsWinograd(g)) {
      const tile = tileSize(outHeight, outWidth)
      const space = scratch(fast.winogradScratch(tile, batchSize, outHeight, outWidth, inChannels, outChannels))
      const finite = fast.winogradFilterGradient(
        ...[tile, batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
        ...[padInfo.top, padInfo.left, pointer(x), pointer(dy), dFilter, space]
      )
      if (finite) return
    }
    if (suitsFewChannels(g) && g.outChannels % 8 === 0) {
      setGeometry(fast, g)
      fast.fewChannelsFilterGradient(pointer(x), pointer(dy), dFilter, scratch(fast.fewChannelsScratch()))
      return
    }
    const space = prepare(fast, g)
    fast.convolutionFilterGradient(pointer(x), pointer(dy), dFilter, space)
  })
