import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"

/** Samples as rows: `n` points of `dimensions` coordinates each, row-major. */
export type Samples = { readonly data: ArrayLike<number>; readonly n: number; readonly dimensions: number }

/** The rows of `[n, dimensions]`; anything else, and no row at all, throws a RangeError that names `who` asked. */
export const samplesOf = (who: string, { data, shape }: NdArray, least = 1): Samples => {
  const [n = 0, dimensions = 0] = shape
  if (shape.length !== 2 || n < least || dimensions < 1) {
    throw new RangeError(`${who} expects [n, dimensions] with n from ${least} up, got ${format(shape)}`)
  }
  return { data, n, dimensions }
}

/** Two sets of samples with the same number of coordinates. */
export const pairOf = (who: string, a: NdArray, b: NdArray, least = 1): readonly [Samples, Samples] => {
  const left = samplesOf(who, a, least), right = samplesOf(who, b, least)
  if (left.dimensions !== right.dimensions) {
    throw new RangeError(`${who} expects as many coordinates in both, got ${format(a.shape)} and ${format(b.shape)}`)
  }
  return [left, right]
}
