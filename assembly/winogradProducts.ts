import { blockColumns, blockRows } from "./generated/microKernels"
import { DEPTH } from "./winogradFilters"

// The products of one frequency. Rows are shared out evenly among the blocks that the innermost loops take, as a block
// of few rows costs nearly as much as one of many.

// The rows of the largest block.
const ROWS = 12

function blocksOf(rows: i32): i32 {
  return (rows + ROWS - 1) / ROWS
}

// The rows of the next of so many blocks.
function nextRows(left: i32, blocks: i32): i32 {
  return (left + blocks - 1) / blocks
}

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
  for (let k = 0; k < depth; k += DEPTH, a += DEPTH << 2) {
    const together = min(DEPTH, depth - k), panel = <usize> together << 5
    for (let column = 0; column < columns; column += 8, b += panel) {
      let from = a, to = c + (<usize> column << 2)
      for (let blocks = blocksOf(rows), left = rows; blocks > 0; blocks--) {
        const count = nextRows(left, blocks)
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
    let from = a, to = c
    for (let blocks = blocksOf(rows), left = rows; blocks > 0; blocks--) {
      const count = nextRows(left, blocks)
      blockColumns(count, 1, depth, from, aStride, 0, b, bStride, 0, to, cStride, 1)
      from += <usize> count << 2
      to += <usize> count * cStride
      left -= count
    }
  }
}
