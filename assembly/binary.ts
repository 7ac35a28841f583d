// dprint-ignore-file: it drops the decorators of functions

// Functions of two tensors, element by element, of [rows, columns] each: an operand moves by so many values from row to
// row, and by one or none from column to column, which is how it is broadcast. `f` is a constant where a loop is
// inlined.
import { loadUpTo4, storeUpTo4 } from "./tail"

const MAXIMUM = 0, MINIMUM = 1
const GREATER = 0, GREATER_EQUAL = 1, EQUAL = 2

// @ts-ignore: decorator
@inline
function combine(f: i32, a: v128, b: v128): v128 {
  return f == MAXIMUM ? f32x4.max(a, b) : f32x4.min(a, b)
}

// The next vector, or one value in all lanes.
// @ts-ignore: decorator
@inline
function operand(at: usize, count: i32, step: i32, same: v128): v128 {
  return step == 0 ? same : loadUpTo4(at, count)
}

// @ts-ignore: decorator
@inline
function zip(
  f: i32,
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  out: usize
): void {
  const aStep = <usize> aColumn << 4, bStep = <usize> bColumn << 4
  for (; rows > 0; rows--, a += <usize> aRow << 2, b += <usize> bRow << 2, out += <usize> columns << 2) {
    const sameA = v128.load32_splat(a), sameB = v128.load32_splat(b)
    let p = a, q = b, to = out, left = columns
    for (; left >= 8; left -= 8, p += aStep << 1, q += bStep << 1, to += 32) {
      v128.store(to, combine(f, operand(p, 4, aColumn, sameA), operand(q, 4, bColumn, sameB)))
      v128.store(to, combine(f, operand(p + aStep, 4, aColumn, sameA), operand(q + bStep, 4, bColumn, sameB)), 16)
    }
    for (; left > 0; left -= 4, p += aStep, q += bStep, to += 16) {
      storeUpTo4(to, left, combine(f, operand(p, left, aColumn, sameA), operand(q, left, bColumn, sameB)))
    }
  }
}

// @ts-ignore: decorator
@inline
function holds(f: i32, a: v128, b: v128): v128 {
  if (f == GREATER) return f32x4.gt(a, b)
  return f == GREATER_EQUAL ? f32x4.ge(a, b) : f32x4.eq(a, b)
}

// 1 where it holds, else 0, or the other way round, in bytes; sixteen at a time.
// @ts-ignore: decorator
@inline
function compare(
  f: i32,
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  inverted: i32,
  out: usize
): void {
  const aStep = <usize> aColumn << 4, bStep = <usize> bColumn << 4
  const bit = i8x16.splat(1), turn = i8x16.splat(<i8> inverted)
  for (; rows > 0; rows--, a += <usize> aRow << 2, b += <usize> bRow << 2, out += columns) {
    const sameA = v128.load32_splat(a), sameB = v128.load32_splat(b)
    let p = a, q = b, to = out, left = columns
    for (; left >= 16; left -= 16, to += 16) {
      const c = holds(f, operand(p, 4, aColumn, sameA), operand(q, 4, bColumn, sameB))
      p += aStep
      q += bStep
      const d = holds(f, operand(p, 4, aColumn, sameA), operand(q, 4, bColumn, sameB))
      p += aStep
      q += bStep
      const e = holds(f, operand(p, 4, aColumn, sameA), operand(q, 4, bColumn, sameB))
      p += aStep
      q += bStep
      const g = holds(f, operand(p, 4, aColumn, sameA), operand(q, 4, bColumn, sameB))
      p += aStep
      q += bStep
      const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(c, d), i16x8.narrow_i32x4_s(e, g))
      v128.store(to, v128.xor(v128.and(bytes, bit), turn))
    }
    for (; left > 0; left -= 4, p += aStep, q += bStep, to += 4) {
      const c = holds(f, operand(p, left, aColumn, sameA), operand(q, left, bColumn, sameB))
      const wide = i16x8.narrow_i32x4_s(c, c)
      const bytes = v128.xor(v128.and(i8x16.narrow_i16x8_s(wide, wide), bit), turn)
      if (left >= 4) v128.store32_lane(to, bytes, 0)
      else {
        v128.store8_lane(to, bytes, 0)
        if (left > 1) v128.store8_lane(to, bytes, 1, 1)
        if (left > 2) v128.store8_lane(to, bytes, 2, 2)
      }
    }
  }
}

export function Maximum(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  out: usize
): void {
  zip(MAXIMUM, rows, columns, a, aRow, aColumn, b, bRow, bColumn, out)
}

export function Minimum(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  out: usize
): void {
  zip(MINIMUM, rows, columns, a, aRow, aColumn, b, bRow, bColumn, out)
}

export function greater(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  inverted: i32,
  out: usize
): void {
  compare(GREATER, rows, columns, a, aRow, aColumn, b, bRow, bColumn, inverted, out)
}

export function greaterEqual(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  inverted: i32,
  out: usize
): void {
  compare(GREATER_EQUAL, rows, columns, a, aRow, aColumn, b, bRow, bColumn, inverted, out)
}

export function equal(
  rows: i32,
  columns: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  inverted: i32,
  out: usize
): void {
  compare(EQUAL, rows, columns, a, aRow, aColumn, b, bRow, bColumn, inverted, out)
}

// Values of four bytes: of `t` where the condition, a byte, is not 0, else of `e`.
export function select(count: i32, condition: usize, t: usize, e: usize, out: usize): void {
  const zero = i32x4.splat(0)
  for (; count >= 4; count -= 4, condition += 4, t += 16, e += 16, out += 16) {
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(condition)))
    v128.store(out, v128.bitselect(v128.load(e), v128.load(t), i32x4.eq(words, zero)))
  }
  for (; count > 0; count--, condition++, t += 4, e += 4, out += 4) {
    store<u32>(out, load<u32>(load<u8>(condition) != 0 ? t : e))
  }
}
