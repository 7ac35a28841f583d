import { rowMaximum } from "./extrema"
import { expOfNegative } from "./math"
import { rowSum } from "./reduce"
import { horizontalSum, madd } from "./simd"

// Softmax of the rows of a [rows, n] matrix, its logarithm, and their gradients. The largest value is taken off first,
// so that no exponential overflows. 1.5 values per nanosecond for long rows, bound by the exponential, and 0.3 to 0.5
// for rows of ten; gradients 1.1.

// The largest number of vectors that are added up in float32.
const LONGEST = 256

// The logarithm of a normal positive number.
export function logarithm(x: f64): f64 {
  if (!(x < Infinity)) return x
  const bits = reinterpret<u64>(x)
  let exponent = <i32> (bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m *= 0.5
    exponent++
  }
  // log m = 2 artanh((m - 1) / (m + 1)), as a series.
  const z = (m - 1) / (m + 1), w = z * z
  const series = 2 * z * (1 + w * (1.0 / 3 + w * (1.0 / 5 + w * (1.0 / 7 + w * (1.0 / 9)))))
  return series + <f64> exponent * 0.6931471805599453
}

// One to three values, and negative infinity.
function loadRest(at: usize, count: i32): v128 {
  let v = v128.load32_lane(at, f32x4.splat(-Infinity), 0)
  if (count > 1) v = v128.load32_lane(at, v, 1, 4)
  return count > 2 ? v128.load32_lane(at, v, 2, 8) : v
}

function storeRest(at: usize, count: i32, v: v128): void {
  v128.store32_lane(at, v, 0)
  if (count > 1) v128.store32_lane(at, v, 1, 4)
  if (count > 2) v128.store32_lane(at, v, 2, 8)
}

// exp(x - largest) into `out`, unless that is 0, and their sum.
export function exponentials(n: i32, largest: f32, x: usize, out: usize): f64 {
  const shift = f32x4.splat(largest), write = out != 0
  let sum: f64 = 0, left = n, at = x, to = out
  while (left >= 8) {
    let a = f32x4.splat(0), b = a
    const some = min(left >> 3, LONGEST)
    for (let i = 0; i < some; i++, at += 32, to += 32) {
      const e = expOfNegative(f32x4.sub(v128.load(at), shift)), f = expOfNegative(f32x4.sub(v128.load(at, 16), shift))
      a = f32x4.add(a, e)
      b = f32x4.add(b, f)
      if (write) {
        v128.store(to, e)
        v128.store(to, f, 16)
      }
    }
    sum += <f64> horizontalSum(f32x4.add(a, b))
    left -= some << 3
  }
  if (left >= 4) {
    const e = expOfNegative(f32x4.sub(v128.load(at), shift))
    if (write) v128.store(to, e)
    sum += <f64> horizontalSum(e)
    left -= 4
    at += 16
    to += 16
  }
  if (left > 0) {
    const e = expOfNegative(f32x4.sub(loadRest(at, left), shift))
    if (write) storeRest(to, left, e)
    sum += <f64> horizontalSum(e)
  }
  return sum
}

// x * factor + term, into `out`.
export function scale(n: i32, factor: f32, term: f32, x: usize, out: usize): void {
  const factors = f32x4.splat(factor), terms = f32x4.splat(term)
  let left = n, at = x, to = out
  for (; left >= 4; left -= 4, at += 16, to += 16) v128.store(to, f32x4.add(f32x4.mul(v128.load(at), factors), terms))
  for (; left > 0; left--, at += 4, to += 4) store<f32>(to, load<f32>(at) * factor + term)
}

export function softmax(rows: i32, n: i32, x: usize, out: usize): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, out += size) {
    const sum = exponentials(n, rowMaximum(n, i32x4.splat(0), x), x, out)
    scale(n, <f32> (1 / sum), 0, out, out)
  }
}

export function logSoftmax(rows: i32, n: i32, x: usize, out: usize): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, out += size) {
    const largest = rowMaximum(n, i32x4.splat(0), x), log = <f32> logarithm(exponentials(n, largest, x, 0))
    const shift = f32x4.splat(largest), logs = f32x4.splat(log)
    let left = n, at = x, to = out
    for (; left >= 4; left -= 4, at += 16, to += 16) {
      v128.store(to, f32x4.sub(f32x4.sub(v128.load(at), shift), logs))
    }
    for (; left > 0; left--, at += 4, to += 4) store<f32>(to, load<f32>(at) - largest - log)
  }
}

// Σ x y, in float32 over at most LONGEST vectors.
function product(n: i32, x: usize, y: usize): f64 {
  let sum: f64 = 0, left = n
  while (left >= 4) {
    let a = f32x4.splat(0)
    const some = min(left >> 2, LONGEST)
    for (let i = 0; i < some; i++, x += 16, y += 16) a = madd(v128.load(x), v128.load(y), a)
    sum += <f64> horizontalSum(a)
    left -= some << 2
  }
  for (; left > 0; left--, x += 4, y += 4) sum += <f64> load<f32>(x) * <f64> load<f32>(y)
  return sum
}

// With y = softmax(x): y (dy - Σ dy y).
export function softmaxGradient(rows: i32, n: i32, x: usize, dy: usize, dx: usize): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, dy += size, dx += size) {
    const sum = exponentials(n, rowMaximum(n, i32x4.splat(0), x), x, dx)
    const factor = <f32> (1 / sum), mean = <f32> (product(n, dy, dx) / sum)
    const factors = f32x4.splat(factor), means = f32x4.splat(mean)
    let left = n, at = dy, to = dx
    for (; left >= 4; left -= 4, at += 16, to += 16) {
      const part = f32x4.sub(v128.load(at), means)
      v128.store(to, f32x4.mul(f32x4.mul(v128.load(to), factors), part))
    }
    for (; left > 0; left--, at += 4, to += 4) store<f32>(to, load<f32>(to) * factor * (load<f32>(at) - mean))
  }
}

// dy - softmax(x) Σ dy.
export function logSoftmaxGradient(rows: i32, n: i32, x: usize, dy: usize, dx: usize): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, dy += size, dx += size) {
    const factor = <f32> (rowSum(n, dy) / exponentials(n, rowMaximum(n, i32x4.splat(0), x), x, dx))
    const factors = f32x4.splat(factor)
    let left = n, at = dy, to = dx
    for (; left >= 4; left -= 4, at += 16, to += 16) {
      v128.store(to, f32x4.sub(v128.load(at), f32x4.mul(v128.load(to), factors)))
    }
    for (; left > 0; left--, at += 4, to += 4) store<f32>(to, load<f32>(at) - load<f32>(to) * factor)
  }
}
