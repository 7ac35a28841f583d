import { pad, reshape, slice } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"

const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((a, b) => a * b, 1)

/** Writes `stride - 1` zeros between the values along an axis. */
export const spaced = (x: Tensor, axis: number, stride: number): Tensor => {
  const n = x.shape[axis]!
  if (stride === 1 || n <= 1) return x
  const before = x.shape.slice(0, axis), after = x.shape.slice(axis + 1)
  const outer = product(before), inner = product(after), length = (n - 1) * stride + 1
  const blocks = pad(reshape(x, [outer, n, 1, inner]), [[0, 0], [0, 0], [0, stride - 1], [0, 0]])
  const all = slice(reshape(blocks, [outer, n * stride, inner]), [0, 0, 0], [outer, length, inner])
  return reshape(all, [...before, length, ...after])
}

/**
 * Takes the first value along an axis and each that is a multiple of `stride` behind it: the gradient of {@link
 * spaced}.
 */
const thinned = (x: Tensor, axis: number, stride: number): Tensor => {
  if (stride === 1) return x
  const before = x.shape.slice(0, axis), after = x.shape.slice(axis + 1), length = x.shape[axis]!
  const outer = product(before), inner = product(after), n = Math.ceil(length / stride)
  const whole = pad(reshape(x, [outer, length, inner]), [[0, 0], [0, n * stride - length], [0, 0]])
  const firsts = slice(reshape(whole, [outer, n, stride, inner]), [0, 0, 0, 0], [outer, n, 1, inner])
  return reshape(firsts, [...before, n, ...after])
}

/**
 * A kernel whose taps stand `dilations` apart convolves like the kernel with zeros written between its taps; the stock
 * backpropagation kernels know no dilation, so they get that one.
 */
export const spread = (filter: Tensor, dilations: ReadonlyArray<number>): Tensor =>
  dilations.reduce<Tensor>((x, dilation, axis) => spaced(x, axis, dilation), filter)

/** The taps of a spread filter. */
export const gather = (spreadFilter: Tensor, dilations: ReadonlyArray<number>): Tensor =>
  dilations.reduce<Tensor>((x, dilation, axis) => thinned(x, axis, dilation), spreadFilter)

/** The dilation along each of so many axes. */
export const dilationsOf = ({ dilations }: NamedAttrMap, axes: number): ReadonlyArray<number> =>
  Array.isArray(dilations)
    ? dilations as ReadonlyArray<number>
    : Array.from({ length: axes }, () => Number(dilations ?? 1))
