import { horizontalSum } from "./simd"

// Reductions over the middle axis of [outer, rows, columns], into [outer, columns]: leading axes have an `outer` of 1,
// trailing axes `columns` of 1. What is added up in float32 is at most 256 values per lane; these partial sums are
// added up in float64. Reads 50 to 90 GB/s from the caches, but 30 for short rows.

const LONGEST = 256

// How many rows are added up before the next columns are read: at most LONGEST, and few enough for a cache.
export function rowsTogether(width: i32): i32 {
  return max(32, min(LONGEST, 8192 / width))
}

// Sums over the rows of a matrix, into `to`, in the order of memory, 32 columns in registers.
function blockSums(rows: i32, columns: i32, x: usize, to: usize): void {
  const stride = <usize> columns << 2
  let column = 0
  for (; column + 32 <= columns; column += 32) {
    let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a
    let at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) {
      a = f32x4.add(a, v128.load(at))
      b = f32x4.add(b, v128.load(at, 16))
      c = f32x4.add(c, v128.load(at, 32))
      d = f32x4.add(d, v128.load(at, 48))
      e = f32x4.add(e, v128.load(at, 64))
      f = f32x4.add(f, v128.load(at, 80))
      g = f32x4.add(g, v128.load(at, 96))
      h = f32x4.add(h, v128.load(at, 112))
    }
    const into = to + (<usize> column << 2)
    v128.store(into, a)
    v128.store(into, b, 16)
    v128.store(into, c, 32)
    v128.store(into, d, 48)
    v128.store(into, e, 64)
    v128.store(into, f, 80)
    v128.store(into, g, 96)
    v128.store(into, h, 112)
  }
  for (; column + 4 <= columns; column += 4) {
    let sum = f32x4.splat(0), at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) sum = f32x4.add(sum, v128.load(at))
    v128.store(to + (<usize> column << 2), sum)
  }
  for (; column < columns; column++) {
    let sum: f32 = 0, at = x + (<usize> column << 2)
    for (let row = 0; row < rows; row++, at += stride) sum += load<f32>(at)
    store<f32>(to + (<usize> column << 2), sum)
  }
}

// Adds float32 partial sums to float64 sums.
export function accumulate(n: i32, partial: usize, sums: usize): void {
  let i = 0
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(partial + (<usize> i << 2)), at = sums + (<usize> i << 3)
    v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(v)))
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 0, 1))), 16)
  }
  for (; i < n; i++) {
    const at = sums + (<usize> i << 3)
    store<f64>(at, load<f64>(at) + <f64> load<f32>(partial + (<usize> i << 2)))
  }
}

function divide(n: i32, x: usize, divisor: f32): void {
  const by = f32x4.splat(divisor)
  let i = 0, at = x
  for (; i + 4 <= n; i += 4, at += 16) v128.store(at, f32x4.div(v128.load(at), by))
  for (; i < n; i++, at += 4) store<f32>(at, load<f32>(at) / divisor)
}

// Narrow rows are taken several at a time as one wide row, whose sums are folded at the end.
function foldOf(columns: i32): i32 {
  let fold = 1
  if (columns < 32) { while (((fold * columns) & 3) != 0 || fold * columns < 32) fold <<= 1 }
  return fold
}

/** The bytes of scratch space that `sums` needs for so many columns. */
export function sumsScratch(columns: i32): i32 {
  return foldOf(columns) * columns * 12
}

function columnSums(rows: i32, columns: i32, divisor: f32, x: usize, out: usize, scratch: usize): void {
  const fold = foldOf(columns), width = fold * columns, together = rowsTogether(width)
  let left = rows / fold, at = x
  if (fold == 1 && rows <= together) {
    blockSums(rows, columns, x, out)
    if (divisor != 1) divide(columns, out, divisor)
    return
  }
  const sums = scratch, partial = scratch + (<usize> width << 3)
  memory.fill(sums, 0, <usize> width << 3)
  while (left > 0) {
    const some = min(left, together)
    blockSums(some, width, at, partial)
    accumulate(width, partial, sums)
    at += <usize> some * <usize> width << 2
    left -= some
  }
  const rest = rows % fold
  for (let column = 0; column < columns; column++) {
    let sum: f64 = 0, from = sums + (<usize> column << 3), beyond = at + (<usize> column << 2)
    for (let part = 0; part < fold; part++, from += <usize> columns << 3) sum += load<f64>(from)
    for (let row = 0; row < rest; row++, beyond += <usize> columns << 2) sum += <f64> load<f32>(beyond)
    store<f32>(out + (<usize> column << 2), <f32> (sum / <f64> divisor))
  }
}

// The sum of n neighbors.
export function rowSum(n: i32, x: usize): f64 {
  let sum: f64 = 0, left = n, at = x
  while (left >= 32) {
    let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a
    const some = min(left >> 5, LONGEST)
    for (let i = 0; i < some; i++, at += 128) {
      a = f32x4.add(a, v128.load(at))
      b = f32x4.add(b, v128.load(at, 16))
      c = f32x4.add(c, v128.load(at, 32))
      d = f32x4.add(d, v128.load(at, 48))
      e = f32x4.add(e, v128.load(at, 64))
      f = f32x4.add(f, v128.load(at, 80))
      g = f32x4.add(g, v128.load(at, 96))
      h = f32x4.add(h, v128.load(at, 112))
    }
    a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)))
    sum += <f64> horizontalSum(a)
    left -= some << 5
  }
  if (left >= 4) {
    let a = f32x4.splat(0)
    for (; left >= 4; left -= 4, at += 16) a = f32x4.add(a, v128.load(at))
    sum += <f64> horizontalSum(a)
  }
  for (; left > 0; left--, at += 4) sum += <f64> load<f32>(at)
  return sum
}

// Four rows at a time, of fewer than 32 values: vectors of each row are added up, then turned and added up; what is
// left of the rows is gathered.
function narrowRowSums(rows: i32, n: i32, divisor: f32, x: usize, out: usize): void {
  const stride = <usize> n << 2, by = f32x4.splat(divisor)
  let row = 0, at = x
  for (; row + 4 <= rows; row += 4, at += stride << 2) {
    let a = f32x4.splat(0), b = a, c = a, d = a
    let i = 0, p = at, q = p + stride, r = q + stride, s = r + stride
    for (; i + 4 <= n; i += 4, p += 16, q += 16, r += 16, s += 16) {
      a = f32x4.add(a, v128.load(p))
      b = f32x4.add(b, v128.load(q))
      c = f32x4.add(c, v128.load(r))
      d = f32x4.add(d, v128.load(s))
    }
    a = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
    c = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
    a = f32x4.add(v128.shuffle<i32>(a, c, 0, 1, 4, 5), v128.shuffle<i32>(a, c, 2, 3, 6, 7))
    for (; i < n; i++, p += 4, q += 4, r += 4, s += 4) a = f32x4.add(a, gather(p, q, r, s))
    v128.store(out + (<usize> row << 2), f32x4.div(a, by))
  }
  for (; row < rows; row++, at += stride) store<f32>(out + (<usize> row << 2), <f32> (rowSum(n, at) / <f64> divisor))
}

function gather(p: usize, q: usize, r: usize, s: usize): v128 {
  return v128.load32_lane(s, v128.load32_lane(r, v128.load32_lane(q, v128.load32_zero(p), 1), 2), 3)
}

// Sums divided by `divisor`, which is 1 or the number of rows.
export function sums(
  outer: i32,
  rows: i32,
  columns: i32,
  divisor: f32,
  x: usize,
  out: usize,
  scratch: usize
): void {
  if (columns == 1 && rows < 32) return narrowRowSums(outer, rows, divisor, x, out)
  const size = <usize> rows * <usize> columns << 2
  for (let i = 0; i < outer; i++, x += size, out += <usize> columns << 2) {
    if (columns == 1) store<f32>(out, <f32> (rowSum(rows, x) / <f64> divisor))
    else columnSums(rows, columns, divisor, x, out, scratch)
  }
}
