import { pad as padTensor, reshape, slice } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"

export type Pair = readonly [number, number]
export type Shape4D = [number, number, number, number]

const pair = (value: unknown): Pair => Array.isArray(value) ? [value[0], value[1]] : [value as number, value as number]

/**
 * A kernel whose taps stand `dilation` apart convolves like the kernel with zeros written between its taps; the stock
 * backpropagation kernels know no dilation, so they get that one.
 */
export const spread = (filter: Tensor, [dh, dw]: Pair): Tensor => {
  const [kh, kw, inputs, outputs] = filter.shape as Shape4D
  const rows = padTensor(reshape(filter, [kh, 1, kw, inputs * outputs]), [[0, 0], [0, dh - 1], [0, 0], [0, 0]])
  const taps = padTensor(reshape(rows, [kh * dh, kw, 1, inputs * outputs]), [[0, 0], [0, 0], [0, dw - 1], [0, 0]])
  const all = reshape(taps, [kh * dh, kw * dw, inputs, outputs])
  return slice(all, [0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, inputs, outputs])
}

/** The taps of a spread filter. */
export const gather = (spreadFilter: Tensor, [dh, dw]: Pair, [kh, kw, inputs, outputs]: Shape4D): Tensor => {
  const padded = padTensor(spreadFilter, [[0, dh - 1], [0, dw - 1], [0, 0], [0, 0]])
  const rows = slice(reshape(padded, [kh, dh, kw * dw, inputs * outputs]), [0, 0, 0, 0], [kh, 1, -1, -1])
  const taps = slice(reshape(rows, [kh, kw, dw, inputs * outputs]), [0, 0, 0, 0], [kh, kw, 1, -1])
  return reshape(taps, [kh, kw, inputs, outputs])
}

export const dilationsOf = ({ dilations }: NamedAttrMap): Pair => pair(dilations ?? 1)
