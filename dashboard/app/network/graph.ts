import type { NdArray } from "effect-neuron"
import type { Stage } from "./stages.ts"

type Arr = NdArray.NdArray

/** One layer of the picture: the units of a vector, or the maps of an image, with what they give for one example. */
export interface Column {
  /** The path of the layer whose weights lead to it; `input` for what the model is given. */
  readonly path: string
  /** The network that it belongs to, where there are several. */
  readonly network: string
  readonly kind: "units" | "maps"
  /** The number of units or maps, of which `shown` are in the picture. */
  readonly size: number
  readonly shown: ReadonlyArray<number>
  /** Of a map, in pixels; 1 for a unit. */
  readonly height: number
  readonly width: number
  /** Row by row, the channels last. */
  readonly values: ArrayLike<number>
  readonly kernel: Arr | undefined
  readonly bias: Arr | undefined
}

/** The name of a column among those of all networks. */
export const nameOf = ({ network, path }: Column): string => network === "" ? path : `${network} ${path}`

/** How many units and maps of a layer are in the picture at most. */
export interface Most {
  readonly units: number
  readonly maps: number
}

const spread = (size: number, most: number): ReadonlyArray<number> =>
  size <= most
    ? Array.from({ length: size }, (_, i) => i)
    : Array.from({ length: most }, (_, i) => Math.round(i * (size - 1) / (most - 1)))

const columnOf = ({ bias, kernel, network = "", path, y: { data, shape } }: Stage, most: Most): Column => {
  const [, height = 1, width = 1, channels = 1] = shape, isImage = shape.length === 4
  const size = isImage ? channels : shape.slice(1).reduce((a, b) => a * b, 1)
  return {
    path,
    network,
    kind: isImage ? "maps" : "units",
    size,
    shown: spread(size, isImage ? most.maps : most.units),
    height: isImage ? height : 1,
    width: isImage ? width : 1,
    values: data,
    kernel,
    bias
  }
}

/**
 * Whether what a layer gives is what the one before it gave in another form: of the same shape, or a vector as an
 * image.
 */
const isSame = ({ data, shape }: Arr, before: Arr): boolean =>
  shape.join() === before.shape.join() ||
  before.shape.length === 2 && shape.length === 4 && data.length === before.data.length

/**
 * The columns of a model's picture, from what is known of each layer for one example, the input first: one for that and
 * one for each layer with a kernel. What follows a layer and keeps its shape, a rectifier say, or makes an image of its
 * vector, is what that column shows; another layer that has no kernel, pooling say, has no column.
 */
export const columnsOf = ([input, ...layers]: ReadonlyArray<Stage>, most: Most): ReadonlyArray<Column> => {
  if (input === undefined) return []
  const columns = [columnOf(input, most)]
  let shown = input
  for (const layer of layers) {
    if (layer.kernel === undefined) {
      if (!isSame(layer.y, shown.y)) continue
      shown = Object.assign({}, shown, { y: layer.y })
      columns[columns.length - 1] = columnOf(shown, most)
    } else {
      shown = layer
      columns.push(columnOf(shown, most))
    }
  }
  return columns
}

/** Connections between two neighboring columns, the strongest ones. */
export interface Edges {
  /** Where each begins: a place among the `shown` of the left column, or a pixel of its only map. */
  readonly from: Uint32Array
  /** Where each ends: a place among the `shown` of the right column. */
  readonly to: Uint32Array
  /** From -1 to 1, in parts of the strongest one. */
  readonly weights: Float32Array
  readonly byPixel: boolean
}

/** The weight that stands for a block of them: their norm, with the sign of their sum. */
export const strength = (kernel: ArrayLike<number>, start: number, stride: number, count: number): number => {
  let square = 0, sum = 0
  for (let i = 0, at = start; i < count; i++, at += stride) {
    square += kernel[at]! * kernel[at]!
    sum += kernel[at]!
  }
  return Math.sign(sum) * Math.sqrt(square)
}

/** The weight from unit, map or pixel `i` of the left column to unit or map `j` of the right one. */
const weigher = (
  left: Column,
  right: Column,
  { data, shape }: Arr,
  byPixel: boolean
): (i: number, j: number) => number => {
  const outputs = shape.at(-1)!, inputs = shape.at(-2)!
  if (shape.length === 4) {
    const taps = shape[0]! * shape[1]!
    return (i, j) => strength(data, i * outputs + j, inputs * outputs, taps)
  }
  // In an image that is a vector, before a layer or behind it, the channel is the fastest index.
  if (right.kind === "maps") {
    return (i, j) => strength(data, i * outputs + j, right.size, outputs / right.size)
  }
  if (byPixel || left.kind === "units") return (i, j) => data[i * outputs + j]!
  const pixels = inputs / left.size
  return (i, j) => strength(data, i * outputs + j, left.size * outputs, pixels)
}

/** The value that at most `count` of the magnitudes are above, to a 256th of the greatest. */
const threshold = (values: Float32Array, greatest: number, count: number): number => {
  if (values.length <= count) return 0
  const bins = new Uint32Array(257)
  for (const value of values) bins[Math.floor(256 * Math.abs(value) / greatest)]! += 1
  let bin = 256
  for (let above = 0; bin > 0 && above + bins[bin]! <= count; bin--) above += bins[bin]!
  return (bin + 1) / 256 * greatest
}

const between = (left: Column, right: Column, count: number): Edges | undefined => {
  const { kernel } = right
  if (kernel === undefined) return undefined
  const rows = kernel.shape.at(-2)!
  const byPixel = kernel.shape.length === 2 && left.kind === "maps" && left.size === 1 &&
    rows === left.height * left.width
  const weigh = weigher(left, right, kernel, byPixel)
  const froms = byPixel ? rows : left.shown.length, tos = right.shown.length
  const all = new Float32Array(froms * tos)
  let greatest = 0
  for (let i = 0; i < froms; i++) {
    const from = byPixel ? i : left.shown[i]!
    for (let j = 0; j < tos; j++) {
      const weight = weigh(from, right.shown[j]!)
      all[i * tos + j] = weight
      greatest = Math.max(greatest, Math.abs(weight))
    }
  }
  if (!(greatest > 0)) return undefined
  const least = threshold(all, greatest, count), places: Array<number> = []
  all.forEach((weight, place) => {
    if (Math.abs(weight) >= least && places.length < count) places.push(place)
  })
  return {
    from: Uint32Array.from(places, (place) => Math.floor(place / tos)),
    to: Uint32Array.from(places, (place) => place % tos),
    weights: Float32Array.from(places, (place) => all[place]! / greatest),
    byPixel
  }
}

/** The strongest connections of each two neighbors, `count` in all; small layers leave their share to large ones. */
export const edgesOf = (columns: ReadonlyArray<Column>, count: number): ReadonlyArray<Edges | undefined> => {
  const pairs = columns.slice(1).map((right, i) => {
    const left = columns[i]!
    const froms = left.kind === "maps" && left.size === 1 ? left.height * left.width : left.shown.length
    return { i, left, right, candidates: froms * right.shown.length }
  })
  const found: Array<Edges | undefined> = pairs.map(() => undefined)
  let budget = count, waiting = pairs.length
  for (const { i, left, right } of pairs.toSorted((a, b) => a.candidates - b.candidates)) {
    found[i] = between(left, right, Math.floor(budget / waiting))
    budget -= found[i]?.weights.length ?? 0
    waiting -= 1
  }
  return found
}
