import { backend_util } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import type { Needs, Shared } from "../companion/parallel.ts"
import { addedUp, fixedParts, share } from "../companion/parallel.ts"
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
  readonly fewChannelsScratch: () => number
  readonly winogradScratch: (...sizes: ReadonlyArray<number>) => number
}

const sizesOf = (g: Geometry): ReadonlyArray<number> => [
  ...[g.batchSize, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth, g.outChannels],
  ...[g.filterHeight, g.filterWidth, g.strideHeight, g.strideWidth, g.dilationHeight, g.dilationWidth],
  ...[g.padInfo.top, g.padInfo.left]
]

/** Tells the companion which convolution the next call is about. */
export const setGeometry = (fast: Pick<Functions, "convolution">, g: Geometry): void => fast.convolution(...sizesOf(g))

/** What the paths that go by patches, which cover everything, need. */
const byPatches = (fast: Functions, g: Geometry): Needs => {
  setGeometry(fast, g)
  return { before: ["convolution", ...sizesOf(g)], scratch: fast.convolutionScratch() }
}

/** The bytes of an image, and of what it is convolved to. */
const imageBytes = (g: Geometry): number => 4 * g.inHeight * g.inWidth * g.inChannels
const outBytes = (g: Geometry): number => 4 * g.outHeight * g.outWidth * g.outChannels

// Nanoseconds, of which the definition's multiplications take some 28 each, and those that Winograd saves fewer.
const workOf = (g: Geometry): number =>
  g.batchSize * g.outHeight * g.outWidth * g.outChannels * g.filterHeight * g.filterWidth * g.inChannels / 40

const sharedBatch = (g: Geometry): Shared => ({ count: g.batchSize, unit: 1, work: workOf(g), perThread: 2 })

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

/**
 * A convolution of images of one size to images of another, or the gradient of one by its input. Whether all that it
 * writes is finite; otherwise it has to be computed by the definition.
 */
const winograd = (
  fast: Functions,
  g: Geometry,
  [height, width, channels]: Size,
  [outHeight, outWidth, outChannels]: Size,
  [top, left]: readonly [number, number],
  x: number,
  filter: Tensor,
  turned: number,
  bias: number,
  y: number
): boolean => {
  const tile = tileSize(outHeight, outWidth)
  const bytes = fast.winogradScratch(tile, g.batchSize, outHeight, outWidth, channels, outChannels)
  const chunk = (first: number, images: number) => [
    ...[tile, images, height, width, channels, outHeight, outWidth, outChannels, top, left],
    ...[x + 4 * first * height * width * channels, pointer(filter), turned, bias],
    y + 4 * first * outHeight * outWidth * outChannels
  ]
  return share("winograd", sharedBatch(g), chunk, { scratch: bytes }).every((finite) => finite !== 0)
}

type Size = readonly [height: number, width: number, channels: number]
const sizeIn = (g: Geometry): Size => [g.inHeight, g.inWidth, g.inChannels]
const sizeOut = (g: Geometry): Size => [g.outHeight, g.outWidth, g.outChannels]

const forward = (fast: Functions, x: Tensor, filter: Tensor, bias: number, g: Geometry, y: number): boolean =>
  winograd(fast, g, sizeIn(g), sizeOut(g), [g.padInfo.top, g.padInfo.left], pointer(x), filter, 0, bias, y)

export const convolve = (call: KernelCall, x: Tensor, filter: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [x, filter], g.outShape, (fast, y) => {
    if (suitsWinograd(g) && forward(fast, x, filter, 0, g, y)) return
    const chunk = (first: number, images: number) => [
      ...[images, pointer(x) + first * imageBytes(g), pointer(filter), y + first * outBytes(g)]
    ]
    share("convolveImages", sharedBatch(g), chunk, byPatches(fast, g))
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
    const before = [2 - g.padInfo.top, 2 - g.padInfo.left] as const
    if (suitsWinograd(g) && winograd(fast, g, sizeOut(g), sizeIn(g), before, pointer(dy), filter, 1, 0, dx)) return
    const chunk = (first: number, images: number) => [
      ...[images, pointer(dy) + first * outBytes(g), pointer(filter), dx + first * imageBytes(g)]
    ]
    share("inputGradientOfImages", sharedBatch(g), chunk, byPatches(fast, g))
  })

export const filterGradient = (call: KernelCall, x: Tensor, dy: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [x, dy], g.filterShape, (fast, dFilter) => {
    const parts = fixedParts(g.batchSize, workOf(g)), size = x.size === 0 ? 0 : g.filterShape.reduce((a, b) => a * b, 1)
    const sums = (name: string, needs: Needs, sizes: (images: number) => ReadonlyArray<number>) =>
      addedUp(name, parts, size, dFilter, needs, ([first, images], to) => [
        ...sizes(images),
        ...[pointer(x) + first * imageBytes(g), pointer(dy) + first * outBytes(g), to]
      ])
    if (suitsWinograd(g)) {
      const tile = tileSize(g.outHeight, g.outWidth)
      const bytes = fast.winogradScratch(tile, g.batchSize, g.outHeight, g.outWidth, g.inChannels, g.outChannels)
      const finite = sums("winogradFilterGradient", { scratch: bytes }, (images) => [
        ...[tile, images, ...sizeIn(g), ...sizeOut(g), g.padInfo.top, g.padInfo.left]
      ])
      if (finite.every((finite) => finite !== 0)) return
    }
    if (suitsFewChannels(g) && g.outChannels % 8 === 0) {
      setGeometry(fast, g)
      const needs: Needs = { before: ["convolution", ...sizesOf(g)], scratch: fast.fewChannelsScratch() }
      sums("fewChannelsFilterGradientOfImages", needs, (images) => [images])
    } else sums("filterGradientOfImages", byPatches(fast, g), (images) => [images])
  })
