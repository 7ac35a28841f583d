import { blockColumns, blockRows } from "./generated/microKernels"
import { DEPTH } from "./winogradFilters"

// The products of one frequency. Rows are shared out evenly among the blocks of at most 8 that the innermost loops take,
// as a block of few rows costs nearly as much as one of many.

/** C = A B, of [rows, depth] and panels of 8 columns, [columns / 8][at most DEPTH][8] one after the other. */
export function product(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aStride: usize,
  b: usize,
  c: usize,
  cStride: usize
): void {
  const blocks = (rows + 7) / 8
  for (let k = 0; k < depth; k += DEPTH, a += DEPTH << 2) {
    const together = min(DEPTH, depth - k), panel = <usize> together << 5
    for (let column = 0; column < columns; column += 8, b += panel) {
      let from = a, to = c + (<usize> column << 2)
      for (let block = 0, left = rows; block < blocks; block++) {
        const count = (left + blocks - block - 1) / (blocks - block)
        blockRows(count, 1, together, from, aStride, 0, b, 32, 0, to, cStride, i32(k > 0))
        from += <usize> count * aStride
        to += <usize> count * cStride
        left -= count
      }
    }
  }
}

/** C += A^T B, of [depth, rows] and [depth, columns]; columns are a multiple of 8. */
export function addProduct(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  c: usize,
  cStride: usize
): void {
  for (let column = 0; column < columns; column += 8, b += 32, c += 32) {
    for (let row = 0, from = a, to = c; row < rows; row += 8, from += 32, to += cStride << 3) {
      blockColumns(min(8, rows - row), 1, depth, from, aStride, 0, b, bStride, 0, to, cStride, 1)
    }
  }
}
