import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { spaced } from "./dilation.ts"

/**
 * How windows lie along an axis: `out` of them, of `size` taps that stand `dilation` apart, from `before` ahead of it.
 */
export interface Axis {
  readonly length: number
  readonly out: number
  readonly size: number
  readonly stride: number
  readonly dilation: number
  readonly before: number
}

/** The place of each tap of a window, in the order of memory, for axes from the second on. */
export const taps = (axes: ReadonlyArray<Axis>): ReadonlyArray<ReadonlyArray<number>> =>
  axes.reduce<ReadonlyArray<ReadonlyArray<number>>>(
    (places, { dilation, size }) =>
      places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i * dilation])),
    [[]]
  )

const after = ({ before, dilation, length, out, size, stride }: Axis): number =>
  Math.max(0, (out - 1) * stride + (size - 1) * dilation + 1 - before - length)

/** x of `[batch, axes…, channels]` with margins of a value, so that each window lies inside. */
export const withMargins = (x: Tensor, axes: ReadonlyArray<Axis>, value: number): Tensor =>
  tf.pad(x, [[0, 0], ...axes.map((axis) => [axis.before, after(axis)] as [number, number]), [0, 0]], value)

/** What lies under a tap of each window, of a tensor with margins. */
export const under = (padded: Tensor, axes: ReadonlyArray<Axis>, tap: ReadonlyArray<number>): Tensor =>
  tf.stridedSlice(
    padded,
    [0, ...tap, 0],
    [padded.shape[0]!, ...axes.map(({ out, stride }, i) => tap[i]! + (out - 1) * stride + 1), padded.shape.at(-1)!],
    [1, ...axes.map(({ stride }) => stride), 1]
  )

/** Writes the value of each window in the place of its tap, in zeros with margins: the gradient of {@link under}. */
export const onto = (values: Tensor, axes: ReadonlyArray<Axis>, tap: ReadonlyArray<number>): Tensor => {
  const apart = axes.reduce<Tensor>((x, { stride }, i) => spaced(x, i + 1, stride), values)
  const margins = axes.map((axis, i): [number, number] => {
    const whole = axis.before + axis.length + after(axis)
    return [tap[i]!, whole - tap[i]! - apart.shape[i + 1]!]
  })
  return tf.pad(apart, [[0, 0], ...margins, [0, 0]])
}

/** What is left without the margins. */
export const withoutMargins = (padded: Tensor, axes: ReadonlyArray<Axis>): Tensor =>
  tf.slice(
    padded,
    [0, ...axes.map(({ before }) => before), 0],
    [padded.shape[0]!, ...axes.map(({ length }) => length), padded.shape.at(-1)!]
  )
