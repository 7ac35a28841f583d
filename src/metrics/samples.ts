import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"

/** Samples as rows: `n` of them with `dimensions` values each, row-major. */
export type Samples = { readonly data: ArrayLike<number>; readonly n: number; readonly dimensions: number }

/** What messages say: which function asks, how it calls the values of a row, and how many rows it needs. */
type Asked = { readonly by: string; readonly columns?: string; readonly least?: number }

/** The rows of an array of two dimensions. Anything else, and too few rows, is a RangeError. */
export const samplesOf = ({ data, shape }: NdArray, { by, columns = "dimensions", least = 1 }: Asked): Samples => {
  const [n = 0, dimensions = 0] = shape
  if (shape.length !== 2 || n < least || dimensions < 1) {
    throw new RangeError(`${by} expects [n, ${columns}] with n from ${least} up, got ${format(shape)}`)
  }
  return { data, n, dimensions }
}

/** Two sets of samples with the same number of values in a row. */
export const pairOf = (a: NdArray, b: NdArray, asked: Asked): readonly [Samples, Samples] => {
  const left = samplesOf(a, asked), right = samplesOf(b, asked)
  if (left.dimensions !== right.dimensions) {
    const { by, columns = "dimensions" } = asked
    throw new RangeError(`${by} expects as many ${columns} in both, got ${format(a.shape)} and ${format(b.shape)}`)
  }
  return [left, right]
}
