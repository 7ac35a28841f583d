import { partsOf } from "./parallel.ts"

/** A product of matrices as the companion module takes it; pointers in bytes, strides in floats. */
export interface Product {
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: number
  readonly lda: number
  readonly b: number
  readonly ldb: number
  readonly c: number
  readonly ldc: number
}

// Of its innermost loop, in multiplications with additions per nanosecond.
const RATE = 28

// Rows and columns are cut at multiples of what the innermost loop takes at once.
const ROWS = 12
const COLUMNS = 8

/**
 * Arguments of `gemm` that together make a product, without the scratch space: parts of its longer side, since each
 * packs the operand of the other.
 */
export const chunksOfProduct = (p: Product): ReadonlyArray<ReadonlyArray<number>> => {
  const { a, b, c, k, lda, ldb, ldc, m, n } = p, tA = p.transposeA ? 1 : 0, tB = p.transposeB ? 1 : 0
  const work = m * n * k / RATE
  return m > n
    ? partsOf(m, ROWS, work, 2).map(([first, rows]) => {
      const from = a + 4 * first * (p.transposeA ? 1 : lda)
      return [tA, tB, rows, n, k, from, lda, b, ldb, c + 4 * first * ldc, ldc, 0]
    })
    : partsOf(n, COLUMNS, work, 2).map(([first, columns]) => {
      const from = b + 4 * first * (p.transposeB ? ldb : 1)
      return [tA, tB, m, columns, k, a, lda, from, ldb, c + 4 * first, ldc, 0]
    })
}
