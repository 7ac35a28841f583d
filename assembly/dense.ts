import { gemmScratch, product } from "./gemm"
import { loadUpTo4, storeUpTo4 } from "./tail"

/** The bytes of scratch space that a dense layer needs. */
export function denseScratch(rows: i32, inputs: i32, outputs: i32): i32 {
  return gemmScratch(rows, outputs, inputs)
}

/**
 * x w + bias, of [rows, inputs] and [inputs, outputs], and of what is negative in it `slope` times as much: 1 is the
 * layer alone, 0 with a rectifier. Takes as long as the product.
 */
export function dense(
  rows: i32,
  inputs: i32,
  outputs: i32,
  x: usize,
  w: usize,
  bias: usize,
  slope: f32,
  y: usize,
  scratch: usize
): void {
  product(0, 0, rows, outputs, inputs, x, inputs, w, outputs, y, outputs, 0, bias, slope, scratch)
}

/** The same for some of the columns: `w`, `bias` and `y` are where those begin. */
export function denseColumns(
  rows: i32,
  inputs: i32,
  outputs: i32,
  columns: i32,
  x: usize,
  w: usize,
  bias: usize,
  slope: f32,
  y: usize,
  scratch: usize
): void {
  product(0, 0, rows, columns, inputs, x, inputs, w, outputs, y, outputs, 0, bias, slope, scratch)
}

/** Adds a bias, if there is one, to a block of rows, and multiplies what is negative then by a slope. */
export function finish(rows: i32, columns: i32, y: usize, stride: i32, bias: usize, slope: f32): void {
  const zero = f32x4.splat(0), factor = f32x4.splat(slope)
  for (; rows > 0; rows--, y += <usize> stride << 2) {
    let to = y, from = bias
    for (let left = columns; left > 0; left -= 4, to += 16) {
      let v = loadUpTo4(to, left)
      if (bias) {
        v = f32x4.add(v, loadUpTo4(from, left))
        from += 16
      }
      // A slope of 0 times an infinity is no number.
      if (slope == 0) v = v128.bitselect(zero, v, f32x4.lt(v, zero))
      else if (slope != 1) v = v128.bitselect(f32x4.mul(v, factor), v, f32x4.lt(v, zero))
      storeUpTo4(to, left, v)
    }
  }
}
