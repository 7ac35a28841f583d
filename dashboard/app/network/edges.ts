import type { NdArray } from "effect-neuron"
import type { Column } from "./graph.ts"

type Arr = NdArray.NdArray

/** Connections between two neighboring columns, the strongest ones. */
export interface Edges {
  readonly left: number
  readonly right: number
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

/** Whether a kernel leads from what one column shows to what another one does. */
const fits = (left: Column, right: Column, { shape }: Arr): boolean => {
  const outputs = shape.at(-1)!, inputs = shape.at(-2)!
  if (shape.length === 4) return left.kind === "maps" && inputs === left.size && outputs === right.size
  return shape.length === 2 && (left.kind === "maps" ? inputs % left.size : inputs - left.size) === 0 &&
    (right.kind === "maps" ? outputs % right.size : outputs - right.size) === 0
}

const isByPixel = (left: Column, kernel: Arr): boolean =>
  kernel.shape.length === 2 && left.kind === "maps" && left.size === 1 &&
  kernel.shape[0] === left.height * left.width

const between = (
  left: Column,
  right: Column,
  kernel: Arr,
  count: number
): Omit<Edges, "left" | "right"> | undefined => {
  const rows = kernel.shape.at(-2)!, byPixel = isByPixel(left, kernel)
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

/**
 * The strongest connections of each column that has a kernel for what it takes, `count` in all; small layers leave
 * their share to large ones.
 */
export const edgesOf = (columns: ReadonlyArray<Column>, count: number): ReadonlyArray<Edges> => {
  const pairs = columns.flatMap((column, right) => {
    const { kernel, shown, takes: [from, ...others] } = column, left = columns[from ?? -1]
    if (kernel === undefined || left === undefined || others.length > 0 || !fits(left, column, kernel)) return []
    const froms = isByPixel(left, kernel) ? left.height * left.width : left.shown.length
    return [{ kernel, left: from!, right, candidates: froms * shown.length }]
  })
  const found: Array<Edges> = []
  let budget = count, waiting = pairs.length
  for (const { kernel, left, right } of pairs.toSorted((a, b) => a.candidates - b.candidates)) {
    const edges = between(columns[left]!, columns[right]!, kernel, Math.floor(budget / waiting))
    if (edges !== undefined) found.push({ left, right, ...edges })
    budget -= edges?.weights.length ?? 0
    waiting -= 1
  }
  return found.toSorted((a, b) => a.right - b.right)
}
