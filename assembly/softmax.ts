import { rowMaximum } from "./extrema"
import { horizontalSum, madd } from "./simd"

// Softmax of the rows of a [rows, n] matrix, and the cross entropy of it with one class for each row. The largest value is
// taken off first, so that no exponential overflows. 1.2 values per nanosecond for long rows, bound by the
// exponential, and 0.3 to 0.5 for rows of ten.

// The largest number of vectors that are added up in float32.
const LONGEST = 256

// exp(x) for x of at most 0, to about 2e-7 of its value; 0 where it would be subnormal. NaN gives NaN.
function expOfNegative(x: v128): v128 {
  const least = f32x4.splat(-87.3), within = f32x4.pmax(x, least)
  // x = k log 2 + r with r within half a log 2 of 0. Adding 1.5 * 2^23 + 127 rounds k, and leaves k + 127, the exponent of
  // 2^k, in the lowest bits.
  const rounding = f32x4.splat(12583039)
  const rounded = madd(within, f32x4.splat(1.4426950408889634), rounding), k = f32x4.sub(rounded, rounding)
  const power = i32x4.shl(rounded, 23)
  // log 2 in two parts, the first so short that k times it is exact.
  const r = madd(k, f32x4.splat(2.12194440e-4), madd(k, f32x4.splat(-0.693359375), within))
  // exp(r) - 1 - r over r^2, fitted for the least largest error of the whole, 1.05e-7.
  let p = madd(r, f32x4.splat(0.008312520222845572), f32x4.splat(0.041890156938140306))
  p = madd(r, p, f32x4.splat(0.1666711464951867))
  p = madd(r, p, f32x4.splat(0.49999231494201807))
  p = madd(f32x4.mul(r, r), p, r)
  return v128.andnot(madd(p, power, power), f32x4.lt(x, least))
}

// The logarithm of a normal positive number.
function logarithm(x: f64): f64 {
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
function exponentials(n: i32, largest: f32, x: usize, out: usize): f64 {
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
function scale(n: i32, factor: f32, term: f32, x: usize, out: usize): void {
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

// -Σ target · log softmax(x) of each row, where the target is 1 - smoothing for the class, if there is such a class, and
// smoothing / n more for each.
export function crossEntropy(rows: i32, n: i32, smoothing: f32, x: usize, classes: usize, out: usize): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, classes += 4, out += 4) {
    const largest = rowMaximum(n, i32x4.splat(0), x), log = logarithm(exponentials(n, largest, x, 0))
    const target = load<i32>(classes)
    let loss: f64 = 0
    if (target >= 0 && target < n) {
      loss = (1 - <f64> smoothing) * (log - (<f64> load<f32>(x + (<usize> target << 2)) - <f64> largest))
    } else if (log != log) loss = log
    if (smoothing != 0) {
      let sum: f64 = 0
      for (let i = 0, at = x; i < n; i++, at += 4) sum += <f64> load<f32>(at) - <f64> largest
      loss += <f64> smoothing * (log - sum / <f64> n)
    }
    store<f32>(out, <f32> loss)
  }
}

// dy · (Σ target · softmax(x) - target) for each row.
export function crossEntropyGradient(
  rows: i32,
  n: i32,
  smoothing: f32,
  x: usize,
  classes: usize,
  dy: usize,
  dx: usize
): void {
  const size = <usize> n << 2
  for (let row = 0; row < rows; row++, x += size, dx += size, classes += 4, dy += 4) {
    const sum = exponentials(n, rowMaximum(n, i32x4.splat(0), x), x, dx)
    const target = load<i32>(classes), exists = target >= 0 && target < n, d = load<f32>(dy)
    const weight: f32 = exists ? 1 : smoothing
    scale(n, <f32> (<f64> d * <f64> weight / sum), -d * smoothing / <f32> n, dx, dx)
    if (exists) {
      const at = dx + (<usize> target << 2)
      store<f32>(at, load<f32>(at) - d * (1 - smoothing))
    }
  }
}
