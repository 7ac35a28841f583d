import { finish } from "./dense"
import { blockColumns, blockRows } from "./generated/microKernels"

// Products of matrices. B is packed into panels of 8 columns, of which one, 256 deep, stays in the first-level cache
// while the blocks of up to 12 rows of A go by; A is read where it lies. The scheme is that of Goto and van de Geijn,
// "Anatomy of high-performance matrix multiplication" (2008), without the packing of A, of which single elements are
// broadcast. Packing included it reaches 58 to 61 GFLOPS on a core of an EPYC (Zen 5), of about 63 in the innermost
// loop alone (blocks of 8 rows: 55 to 57 of 60); the stock kernel 42, and 25 where B is large against A, as it packs B
// anew for each new tensor.

// Steps along the depth, rows of A and columns of B that are worked on together.
export const DEPTH = 256
const HEIGHT = 96
export const WIDTH = 1024

const ROWS = 12

const TILE: usize = ROWS * 8 * 4
const PACKED_A: usize = HEIGHT * DEPTH * 4

// From this stride, in floats, the rows of a transposed A may fall into few sets of the cache.
export const FAR = 512

/**
 * Writes a block of [depth, columns] of B as panels [columns / 8][depth][8], with zeros beyond the last column. A
 * transposed A is packed by it as well.
 */
export function packB(depth: i32, columns: i32, b: usize, ldb: i32, to: usize): void {
  const stride = <usize> ldb << 2
  let column = 0
  // Two panels at a time, which is a line of the cache.
  const panel = <usize> depth << 5
  for (; column + 16 <= columns; column += 16, to += panel) {
    let from = b + (<usize> column << 2)
    for (let k = 0; k < depth; k++, from += stride, to += 32) {
      const v0 = v128.load(from), v1 = v128.load(from, 16), v2 = v128.load(from, 32), v3 = v128.load(from, 48)
      v128.store(to, v0)
      v128.store(to, v1, 16)
      v128.store(to + panel, v2)
      v128.store(to + panel, v3, 16)
    }
  }
  for (; column + 8 <= columns; column += 8) {
    let from = b + (<usize> column << 2)
    for (let k = 0; k < depth; k++, from += stride, to += 32) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
    }
  }
  if (column == columns) return
  const bytes = <usize> (columns - column) << 2
  for (let k = 0, from = b + (<usize> column << 2); k < depth; k++, from += stride, to += 32) {
    v128.store(to, f32x4.splat(0))
    v128.store(to, f32x4.splat(0), 16)
    for (let i: usize = 0; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i))
  }
}

/** As packB, of a block that lies transposed: [columns, depth]. */
export function packTransposedB(depth: i32, columns: i32, b: usize, ldb: i32, to: usize): void {
  const stride = <usize> ldb << 2
  let column = 0
  for (; column + 8 <= columns; column += 8, b += 8 * stride) {
    let from = b, k = 0
    for (; k + 4 <= depth; k += 4, from += 16, to += 128) {
      transpose4x4(from, stride, to, 32)
      transpose4x4(from + 4 * stride, stride, to + 16, 32)
    }
    for (; k < depth; k++, from += 4, to += 32) {
      for (let i = 0, at = from; i < 8; i++, at += stride) store<f32>(to + (<usize> i << 2), load<f32>(at))
    }
  }
  if (column == columns) return
  for (let k = 0; k < depth; k++, b += 4, to += 32) {
    v128.store(to, f32x4.splat(0))
    v128.store(to, f32x4.splat(0), 16)
    for (let i = 0, at = b; i < columns - column; i++, at += stride) store<f32>(to + (<usize> i << 2), load<f32>(at))
  }
}

/** Transposes a block of 4 rows of 4 floats; strides in bytes. */
export function transpose4x4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from), b = v128.load(from + fromStride)
  const c = v128.load(from + 2 * fromStride), d = v128.load(from + 3 * fromStride)
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(to + toStride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
  v128.store(to + 2 * toStride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5))
  v128.store(to + 3 * toStride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7))
}

/** Copies or adds the left columns of a tile of rows of 8 floats to where they belong. */
export function storeTile(tile: usize, rows: i32, columns: i32, c: usize, stride: usize, accumulate: i32): void {
  const bytes = <usize> columns << 2
  for (let row = 0; row < rows; row++, tile += 32, c += stride) {
    for (let i: usize = 0; i < bytes; i += 4) {
      const value = load<f32>(tile + i)
      store<f32>(c + i, accumulate ? load<f32>(c + i) + value : value)
    }
  }
}

/** The bytes of scratch space that a product needs. */
export function gemmScratch(m: i32, n: i32, k: i32): i32 {
  return <i32> (TILE + PACKED_A) + min(k, DEPTH) * ((min(n, WIDTH) + 7) & ~7) * 4
}

/**
 * C = op(A) op(B), or C += op(A) op(B), with op(A) of [m, k] and op(B) of [k, n]; op transposes or not. Rows of A, B
 * and C as they lie in memory are lda, ldb and ldc floats apart.
 */
export function gemm(
  transposeA: i32,
  transposeB: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  lda: i32,
  b: usize,
  ldb: i32,
  c: usize,
  ldc: i32,
  accumulate: i32,
  scratch: usize
): void {
  product(transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate, 0, 1, scratch)
}

/** As gemm, and each block is finished while it is in the cache: plus a bias, if there is one, and rectified. */
export function product(
  transposeA: i32,
  transposeB: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  lda: i32,
  b: usize,
  ldb: i32,
  c: usize,
  ldc: i32,
  accumulate: i32,
  bias: usize,
  slope: f32,
  scratch: usize
): void {
  const packA = transposeA != 0 && lda >= FAR && (lda & 255) == 0, finishing = bias != 0 || slope != 1
  // One block of rows reads each panel of B once, which is then better read where it lies.
  const inPlace = m <= 8 && !transposeB
  const packedA = scratch + TILE, packedB = packedA + PACKED_A
  for (let left = 0; left < n; left += WIDTH) {
    const width = min(WIDTH, n - left), whole = inPlace ? width & ~7 : 0
    let from = 0
    // At least once, so that a product of depth 0 writes zeros.
    do {
      const depth = min(DEPTH, k - from), add = accumulate | i32(from > 0)
      const right = b + (transposeB ? at(left, from, ldb) : at(from, left, ldb))
      if (transposeB) packTransposedB(depth, width, right, ldb, packedB)
      else packB(depth, width - whole, right + at(0, whole, 0), ldb, packedB)
      for (let top = 0; top < m; top += HEIGHT) {
        const height = min(HEIGHT, m - top), to = c + at(top, left, ldc)
        let rows = a + (transposeA ? at(from, top, lda) : at(top, from, lda)), stride = <usize> lda << 2
        if (packA) {
          packB(depth, height, rows, lda, packedA)
          rows = packedA
          stride = 0
        }
        if (whole) {
          multiply(transposeA, height, whole, depth, rows, stride, right, <usize> ldb << 2, 32, to, ldc, add, scratch)
        }
        const panel = <usize> depth << 5, rest = to + at(0, whole, 0)
        multiply(transposeA, height, width - whole, depth, rows, stride, packedB, 32, panel, rest, ldc, add, scratch)
        if (finishing && from + depth >= k) finish(height, width, to, ldc, bias ? bias + at(0, left, 0) : 0, slope)
      }
      from += DEPTH
    } while (from < k)
  }
}

// The address of an element, from that of the first.
function at(row: i32, column: i32, stride: i32): usize {
  return (<usize> row * <usize> stride + <usize> column) << 2
}

/**
 * A block of [height, depth] of A times panels of 8 columns of B, whose rows are `bStride` and which themselves are
 * `bPanel` bytes apart. A stride of 0 says that A consists of panels of 8 rows. `tile` is room for 96 floats.
 */
export function multiply(
  transposeA: i32,
  height: i32,
  width: i32,
  depth: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  bPanel: usize,
  c: usize,
  ldc: i32,
  accumulate: i32,
  tile: usize
): void {
  const cStride = <usize> ldc << 2, panels = aStride == 0
  // From a row of A to the next, in a panel of 8 rows from one panel to the next.
  const down: usize = panels ? <usize> depth << 2 : transposeA ? 4 : aStride
  if (panels) aStride = 32
  for (let column = 0; column < width; column += 8, b += bPanel, c += 32) {
    const columns = min(8, width - column), whole = columns == 8
    let block = a, to = c, rows = 0
    for (let left = height; left > 0; left -= rows) {
      rows = panels ? min(8, left) : rowsOf(left)
      const out = whole ? to : tile, outStride = whole ? cStride : 32, add = whole ? accumulate : 0
      if (transposeA) blockColumns(rows, 1, depth, block, aStride, 0, b, bStride, 0, out, outStride, add)
      else blockRows(rows, 1, depth, block, aStride, 0, b, bStride, 0, out, outStride, add)
      if (!whole) storeTile(tile, rows, columns, to, cStride, accumulate)
      block += <usize> rows * down
      to += <usize> rows * cStride
    }
  }
}

/** How many of the rows that are left go together: as many as can, but no few at the end. */
export function rowsOf(left: i32): i32 {
  return left <= ROWS ? left : left < 2 * ROWS ? (left + 1) >> 1 : ROWS
}
