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
  readonly winogradProducts: (taps: number, exact: number, size: number) => number
  readonly winogradScratch: (taps: number, depth: number, outputs: number) => number
}

const sizesOf = (g: Geometry): ReadonlyArray<number> => [
  ...[g.batchSize, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth, g.outChannels],
  ...[g.filterHeight, g.filterWidth, g.strideHeight, g.strideWidth, g.dilationHeight, g.dilationWidth],
  ...[g.padInfo.top, g.padInfo.left]
]

/** Tells the companion which convolution the next call is about. */
export const setGeometry = (fast: Pick<Functions, "convolution">, g: Geometry): void => fast.convolution(...sizesOf(g))

/** What functions need that are told in this way, which each thread has to be. */
const afterGeometry = (fast: Functions, g: Geometry, scratch: "convolutionScratch" | "fewChannelsScratch"): Needs => {
  setGeometry(fast, g)
  return { before: ["convolution", ...sizesOf(g)], scratch: fast[scratch]() }
}

// Where the first of some images is, and what belongs to them.
const input = (x: number, g: Geometry, image: number) => x + 4 * image * g.inHeight * g.inWidth * g.inChannels
const output = (y: number, g: Geometry, image: number) => y + 4 * image * g.outHeight * g.outWidth * g.outChannels

// Nanoseconds, at a rate between that of the definition and that of the transforms.
const workOf = (g: Geometry): number =>
  g.batchSize * g.outHeight * g.outWidth * g.outChannels * g.filterHeight * g.filterWidth * g.inChannels / 40

/** Images are shared; not in more parts than it takes, as each transforms or packs the filter. */
const images = (g: Geometry): Shared => ({ count: g.batchSize, unit: 1, work: workOf(g), perThread: 2 })

const allFinite = (results: ReadonlyArray<number>): boolean => results.every((finite) => finite !== 0)

// The transforms need so many channels on both sides, and already pay with these.
const WINOGRAD_CHANNELS = 4

// From this share of the products of the definition on, transforms cost more than they save.
const SHARE = 0.8

const exact = (): number => convolutionPrecision() === "exact" ? 1 : 0

/**
 * The taps, 2 or 3 along each axis, that Winograd's algorithm takes a convolution by: all of a kernel of 2x2 or 3x3
 * that moves by single steps, or those of each phase of one of 4x4 to 6x6 that moves in steps of 2. Over kernels of 3x3
 * in steps of 2 there is little to save. Undefined for all others.
 */
const winogradTaps = (fast: Functions, g: Geometry): 2 | 3 | undefined => {
  const kernel = g.filterHeight, stride = g.strideHeight
  if (kernel !== g.filterWidth || stride !== g.strideWidth || g.dilationHeight !== 1 || g.dilationWidth !== 1) return
  if (g.inChannels < WINOGRAD_CHANNELS || g.outChannels < WINOGRAD_CHANNELS) return
  if (stride === 1 ? kernel !== 2 && kernel !== 3 : stride !== 2 || kernel < 4 || kernel > 6) return
  const taps = kernel / stride > 2 ? 3 : 2
  const products = (size: number) => stride * fast.winogradProducts(taps, exact(), size) / (size * kernel)
  return products(g.outHeight) * products(g.outWidth) <= SHARE ? taps : undefined
}

const winogradSizes = (taps: number, g: Geometry, images: number): ReadonlyArray<number> => [
  ...[taps, exact(), images, g.inHeight, g.inWidth, g.inChannels, g.outHeight, g.outWidth, g.outChannels],
  ...[g.filterHeight, g.filterWidth, g.strideHeight, g.padInfo.top, g.padInfo.left]
]

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
const beatsStock = (fast: Functions, g: Geometry, { pad }: NamedAttrMap): boolean =>
  takesFewChannels(g) || g.filterHeight * g.filterWidth * g.inChannels >= TAPS || winogradTaps(fast, g) !== undefined
  || g.strideHeight > g.filterHeight || g.strideWidth > g.filterWidth || typeof pad === "number"

const takesFewChannels = (g: Geometry): boolean => suitsFewChannels(g) && g.outChannels % 8 === 0

/**
 * Computes with the companion into a new tensor: zeros where a sum goes over nothing, and nothing where the companion
 * is not there or does not cover the call.
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
 * The convolution, plus a bias if there is one, rectified if so asked: nothing where the stock kernel is as fast, or
 * where this does not cover the call.
 */
export const convolve = (
  call: KernelCall,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  activation: "linear" | "relu",
  g: Geometry
): TensorInfo | undefined => {
  const functions = companion<Functions>()
  if (functions === undefined || !beatsStock(functions, g, call.attrs)) return undefined
  if (bias !== undefined && (x.size === 0 || filter.size === 0)) return undefined
  return compute(call, bias === undefined ? [x, filter] : [x, filter, bias], g.outShape, (fast, y) => {
    const taps = winogradTaps(fast, g), rectified = activation === "relu" ? 1 : 0
    const offset = bias === undefined ? 0 : pointer(bias)
    if (taps !== undefined) {
      const needs = { scratch: fast.winogradScratch(taps, g.inChannels * g.strideHeight ** 2, g.outChannels) }
      const chunk = (first: number, count: number) => [
        ...[...winogradSizes(taps, g, count), input(pointer(x), g, first), pointer(filter), offset, rectified],
        output(y, g, first)
      ]
      if (allFinite(share("winograd", images(g), chunk, needs))) return
    }
    const [name, scratch] = takesFewChannels(g)
      ? ["fewChannelsConvolveImages", "fewChannelsScratch"] as const
      : ["convolveImages", "convolutionScratch"] as const
    const chunk = (first: number, count: number) => [
      ...[count, input(pointer(x), g, first), pointer(filter), offset, rectified, output(y, g, first)]
    ]
    share(name, images(g), chunk, afterGeometry(fast, g, scratch))
  })
}

export const inputGradient = (call: KernelCall, dy: Tensor, filter: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [dy, filter], g.inShape, (fast, dx) => {
    const taps = winogradTaps(fast, g)
    // In steps of 2 the filters of each phase need a panel of their own.
    if (taps !== undefined && (g.strideHeight === 1 || g.inChannels >= 8)) {
      const needs = { scratch: fast.winogradScratch(taps, g.outChannels, g.inChannels) }
      const chunk = (first: number, count: number) => [
        ...[...winogradSizes(taps, g, count), output(pointer(dy), g, first), pointer(filter), input(dx, g, first)]
      ]
      if (allFinite(share("winogradInputGradient", images(g), chunk, needs))) return
    }
    const chunk = (first: number, count: number) => [
      ...[count, output(pointer(dy), g, first), pointer(filter), input(dx, g, first)]
    ]
    share("inputGradientOfImages", images(g), chunk, afterGeometry(fast, g, "convolutionScratch"))
  })

export const filterGradient = (call: KernelCall, x: Tensor, dy: Tensor, g: Geometry): TensorInfo | undefined =>
  compute(call, [x, dy], g.filterShape, (fast, dFilter) => {
    const taps = winogradTaps(fast, g)
    const parts = fixedParts(g.batchSize, workOf(g)), size = g.filterShape.reduce((a, b) => a * b, 1)
    const sum = (name: string, needs: Needs, sizes: (images: number) => ReadonlyArray<number>) =>
      addedUp(name, parts, size, dFilter, needs, ([first, count], to) => [
        ...[...sizes(count), input(pointer(x), g, first), output(pointer(dy), g, first), to]
      ])
    if (taps !== undefined) {
      const needs = { scratch: fast.winogradScratch(taps, g.inChannels * g.strideHeight ** 2, g.outChannels) }
      const sizes = (images: number) => [...winogradSizes(taps, g, images), g.inChannels]
      if (allFinite(sum("winogradFilterGradient", needs, sizes))) return
    }
    const [name, scratch] = takesFewChannels(g)
      ? ["fewChannelsFilterGradientOfImages", "fewChannelsScratch"] as const
      : ["filterGradientOfImages", "convolutionScratch"] as const
    sum(name, afterGeometry(fast, g, scratch), (images) => [images])
  })
