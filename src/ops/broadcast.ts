import { clone, reshape, sum, tile } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/**
 * Sums a gradient over the axes along which its operand, of the given shape, had been broadcast. Always a new tensor:
 * the tape disposes what a gradient function returns once it has added it up, and the incoming gradient is not its own.
 */
export const sumTo = (dy: Tensor, shape: ReadonlyArray<number>): Tensor => {
  const lead = dy.rank - shape.length
  const axes = dy.shape.flatMap((n, axis) => axis < lead || (shape[axis - lead] === 1 && n !== 1) ? [axis] : [])
  return axes.length === 0 ? clone(dy) : reshape(sum(dy, axes), [...shape])
}

/** Repeats a reduced gradient along the axes that the reduction removed, to the shape of its operand. */
export const expandTo = (dy: Tensor, shape: ReadonlyArray<number>, axes: ReadonlyArray<number>): Tensor => {
  const kept = shape.map((n, axis) => axes.includes(axis) ? 1 : n)
  return tile(reshape(dy, kept), shape.map((n, axis) => axes.includes(axis) ? n : 1))
}

/** The axes of a reduction as non-negative numbers; none given means all. */
export const axesOf = (axis: unknown, rank: number): ReadonlyArray<number> => {
  const axes = axis === undefined || axis === null ? Array.from({ length: rank }, (_, i) => i) : [axis].flat()
  return (axes as unknown as ReadonlyArray<number>).map((a) => a < 0 ? a + rank : a)
}
