import { DEPTH, multiply, packB, packTransposedB, WIDTH } from "./gemm"

// Products with a matrix that is packed once for many of them, such as the kernel of a recurrent layer.

/** The bytes that a matrix takes when it is packed whole. */
export function packedBytes(depth: i32, columns: i32): i32 {
  return depth * ((columns + 7) & ~7) * 4
}

/** Packs a matrix of [depth, columns], or one that lies transposed, block by block as `packedProduct` reads it. */
export function packWhole(transposed: i32, depth: i32, columns: i32, b: usize, ldb: i32, to: usize): void {
  for (let left = 0; left < columns; left += WIDTH) {
    const width = min(WIDTH, columns - left)
    for (let top = 0; top < depth; top += DEPTH) {
      const height = min(DEPTH, depth - top)
      if (transposed) packTransposedB(height, width, b + at(left, top, ldb), ldb, to)
      else packB(height, width, b + at(top, left, ldb), ldb, to)
      to += <usize> packedBytes(height, width)
    }
  }
}

/** C = A B, or C += A B, of a B that is packed whole; rows of A and C are so many floats apart. */
export function packedProduct(
  rows: i32,
  depth: i32,
  columns: i32,
  a: usize,
  lda: i32,
  packed: usize,
  c: usize,
  ldc: i32,
  accumulate: i32,
  tile: usize
): void {
  for (let left = 0; left < columns; left += WIDTH) {
    const width = min(WIDTH, columns - left)
    for (let top = 0; top < depth; top += DEPTH) {
      const height = min(DEPTH, depth - top), to = c + (<usize> left << 2), from = a + (<usize> top << 2)
      const add = accumulate | i32(top > 0), panel = <usize> height << 5
      multiply(0, rows, width, height, from, <usize> lda << 2, packed, 32, panel, to, ldc, add, tile)
      packed += <usize> packedBytes(height, width)
    }
  }
}

/** The address of an element of a matrix, from that of the first. */
export function at(row: i32, column: i32, stride: i32): usize {
  return (<usize> row * <usize> stride + <usize> column) << 2
}
