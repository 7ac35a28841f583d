// dprint-ignore-file: it drops the decorators of functions

// Layer norm and RMS norm of the rows of a [rows, n] matrix, and their gradients. Of four rows at once, so that the
// wait for a sum is the wait for four; a row is read again from the cache. What is added up in float32 is at most 512
// values per lane; these partial sums are added up in float64. `centered` is a constant where loops are inlined: with
// it the mean is taken off, as layer norm does.
import * as K from "./constants"
import { madd } from "./simd"

const LONGEST = 2048

// @ts-ignore: decorator
@inline
function lane(v: v128, i: i32): v128 {
  return i == 0
    ? v128.shuffle<i32>(v, v, 0, 0, 0, 0)
    : i == 1
    ? v128.shuffle<i32>(v, v, 1, 1, 1, 1)
    : i == 2
    ? v128.shuffle<i32>(v, v, 2, 2, 2, 2)
    : v128.shuffle<i32>(v, v, 3, 3, 3, 3)
}

// The lanes of a vector, each one further to the front.
// @ts-ignore: decorator
@inline
function next(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 1, 2, 3, 0)
}

// The sums of four vectors.
// @ts-ignore: decorator
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7))
}

// The values at a place of four rows.
// @ts-ignore: decorator
@inline
function column(x: usize, p: usize, q: usize, r: usize, s: usize): v128 {
  return v128.load32_lane(x + s, v128.load32_lane(x + r, v128.load32_lane(x + q, v128.load32_zero(x + p), 1), 2), 3)
}

// Sums in float64 of four rows, in two vectors.
let low = f64x2.splat(0), high = f64x2.splat(0), lowProducts = f64x2.splat(0), highProducts = f64x2.splat(0)

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3))
}

// A sum in float64 divided by n.
// @ts-ignore: decorator
@inline
function divided(low: v128, high: v128, n: i32): v128 {
  const by = f64x2.splat(1 / <f64> n)
  const a = f32x4.demote_f64x2_zero(f64x2.mul(low, by)), b = f32x4.demote_f64x2_zero(f64x2.mul(high, by))
  return v128.shuffle<i32>(a, b, 0, 1, 4, 5)
}

// Σ x, or Σ (x - mean)^2 where the means are given, of rows at p, q, r and s behind x; and with `gradient` Σ dy scale,
// or Σ dy scale (x - mean).
// @ts-ignore: decorator
@inline
function addUp(
  gradient: bool,
  squares: bool,
  centered: bool,
  n: i32,
  x: usize,
  dy: usize,
  scale: usize,
  p: usize,
  q: usize,
  r: usize,
  s: usize,
  means: v128
): void {
  const zero = f32x4.splat(0)
  const m0 = lane(means, 0), m1 = lane(means, 1), m2 = lane(means, 2), m3 = lane(means, 3)
  low = high = lowProducts = highProducts = f64x2.splat(0)
  for (let left = n; left > 0;) {
    let a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero
    const some = min(left, LONGEST)
    let i = some
    for (; i >= 4; i -= 4, x += 16, dy += 16, scale += 16) {
      let x0 = v128.load(x + p), x1 = v128.load(x + q), x2 = v128.load(x + r), x3 = v128.load(x + s)
      if (squares && centered) {
        x0 = f32x4.sub(x0, m0)
        x1 = f32x4.sub(x1, m1)
        x2 = f32x4.sub(x2, m2)
        x3 = f32x4.sub(x3, m3)
      }
      a0 = squares ? madd(x0, x0, a0) : f32x4.add(a0, x0)
      a1 = squares ? madd(x1, x1, a1) : f32x4.add(a1, x1)
      a2 = squares ? madd(x2, x2, a2) : f32x4.add(a2, x2)
      a3 = squares ? madd(x3, x3, a3) : f32x4.add(a3, x3)
      if (gradient) {
        const w = v128.load(scale)
        const d0 = f32x4.mul(w, v128.load(dy + p)), d1 = f32x4.mul(w, v128.load(dy + q))
        const d2 = f32x4.mul(w, v128.load(dy + r)), d3 = f32x4.mul(w, v128.load(dy + s))
        b0 = squares ? madd(d0, x0, b0) : f32x4.add(b0, d0)
        b1 = squares ? madd(d1, x1, b1) : f32x4.add(b1, d1)
        b2 = squares ? madd(d2, x2, b2) : f32x4.add(b2, d2)
        b3 = squares ? madd(d3, x3, b3) : f32x4.add(b3, d3)
      }
    }
    let a = sumsOf(a0, a1, a2, a3), b = gradient ? sumsOf(b0, b1, b2, b3) : zero
    for (; i > 0; i--, x += 4, dy += 4, scale += 4) {
      let v = column(x, p, q, r, s)
      if (squares && centered) v = f32x4.sub(v, means)
      a = squares ? madd(v, v, a) : f32x4.add(a, v)
      if (gradient) {
        const d = f32x4.mul(v128.load32_splat(scale), column(dy, p, q, r, s))
        b = squares ? madd(d, v, b) : f32x4.add(b, d)
      }
    }
    low = f64x2.add(low, f64x2.promote_low_f32x4(a))
    high = f64x2.add(high, upper(a))
    if (gradient) {
      lowProducts = f64x2.add(lowProducts, f64x2.promote_low_f32x4(b))
      highProducts = f64x2.add(highProducts, upper(b))
    }
    left -= some
  }
}

// 1 / √(what is added up / n + epsilon).
// @ts-ignore: decorator
@inline
function inverseDeviations(n: i32, epsilon: f32): v128 {
  return f32x4.div(K.ONE, f32x4.sqrt(f32x4.add(divided(low, high, n), f32x4.splat(epsilon))))
}

// (x - mean) inverse scale + offset.
// @ts-ignore: decorator
@inline
function standardized(
  centered: bool,
  n: i32,
  x: usize,
  scale: usize,
  offset: usize,
  y: usize,
  mean: v128,
  inverse: v128
): void {
  for (; n >= 4; n -= 4, x += 16, y += 16, scale += 16, offset += 16) {
    const v = v128.load(x), normal = f32x4.mul(centered ? f32x4.sub(v, mean) : v, inverse)
    v128.store(y, centered ? madd(normal, v128.load(scale), v128.load(offset)) : f32x4.mul(normal, v128.load(scale)))
  }
  const m = f32x4.extract_lane(mean, 0), r = f32x4.extract_lane(inverse, 0)
  for (; n > 0; n--, x += 4, y += 4, scale += 4, offset += 4) {
    const v = load<f32>(x), normal = (centered ? v - m : v) * r * load<f32>(scale)
    store<f32>(y, centered ? normal + load<f32>(offset) : normal)
  }
}

// @ts-ignore: decorator
@inline
function norm(centered: bool, rows: i32, n: i32, epsilon: f32, x: usize, scale: usize, offset: usize, y: usize): void {
  const stride = <usize> n << 2
  for (; rows > 0; rows -= 4, x += stride << 2, y += stride << 2) {
    // Of fewer rows the last one is taken again.
    const q = rows > 1 ? stride : 0, r = rows > 2 ? q + stride : q, s = rows > 3 ? r + stride : r
    let means = f32x4.splat(0)
    if (centered) {
      addUp(false, false, true, n, x, 0, 0, 0, q, r, s, means)
      means = divided(low, high, n)
    }
    addUp(false, true, centered, n, x, 0, 0, 0, q, r, s, means)
    let inverses = inverseDeviations(n, epsilon)
    for (let i = min(rows, 4), at: usize = 0; i > 0; i--, at += stride) {
      standardized(centered, n, x + at, scale, offset, y + at, lane(means, 0), lane(inverses, 0))
      means = next(means)
      inverses = next(inverses)
    }
  }
}

/** (x - mean) / √(variance + epsilon) scale + offset, with the moments of each row. */
export function layerNorm(
  rows: i32,
  n: i32,
  epsilon: f32,
  x: usize,
  scale: usize,
  offset: usize,
  y: usize
): void {
  norm(true, rows, n, epsilon, x, scale, offset, y)
}

/** x / √(mean x^2 + epsilon) scale. */
export function rmsNorm(rows: i32, n: i32, epsilon: f32, x: usize, scale: usize, y: usize): void {
  norm(false, rows, n, epsilon, x, scale, 0, y)
}

// With r the inverse deviation and z = (x - mean) r: dx = r dy scale - z shrink - shift; and to what is at dscale and
// doffset are added dy z and dy.
// @ts-ignore: decorator
@inline
function slopes(
  centered: bool,
  n: i32,
  x: usize,
  scale: usize,
  dy: usize,
  dx: usize,
  dscale: usize,
  doffset: usize,
  mean: v128,
  inverse: v128,
  shrink: v128,
  shift: v128
): void {
  for (; n >= 4; n -= 4, x += 16, scale += 16, dy += 16, dx += 16, dscale += 16, doffset += 16) {
    const v = v128.load(x), d = v128.load(dy), z = f32x4.mul(centered ? f32x4.sub(v, mean) : v, inverse)
    const part = f32x4.mul(f32x4.mul(d, v128.load(scale)), inverse)
    v128.store(dx, f32x4.sub(centered ? f32x4.sub(part, shift) : part, f32x4.mul(z, shrink)))
    v128.store(dscale, madd(d, z, v128.load(dscale)))
    if (centered) v128.store(doffset, f32x4.add(d, v128.load(doffset)))
  }
  const m = f32x4.extract_lane(mean, 0), r = f32x4.extract_lane(inverse, 0)
  const k = f32x4.extract_lane(shrink, 0), t = f32x4.extract_lane(shift, 0)
  for (; n > 0; n--, x += 4, scale += 4, dy += 4, dx += 4, dscale += 4, doffset += 4) {
    const v = load<f32>(x), d = load<f32>(dy), z = (centered ? v - m : v) * r
    const part: f32 = d * load<f32>(scale) * r
    store<f32>(dx, (centered ? part - t : part) - z * k)
    store<f32>(dscale, load<f32>(dscale) + d * z)
    if (centered) store<f32>(doffset, load<f32>(doffset) + d)
  }
}

// @ts-ignore: decorator
@inline
function normGradient(
  centered: bool,
  rows: i32,
  n: i32,
  together: i32,
  epsilon: f32,
  x: usize,
  scale: usize,
  dy: usize,
  dx: usize,
  dscale: usize,
  doffset: usize
): void {
  const stride = <usize> n << 2
  for (; rows > 0; rows -= together, dscale += stride, doffset += stride) {
    memory.fill(dscale, 0, stride)
    if (centered) memory.fill(doffset, 0, stride)
    for (let left = min(rows, together); left > 0; left -= 4, x += stride << 2, dy += stride << 2, dx += stride << 2) {
      const q = left > 1 ? stride : 0, r = left > 2 ? q + stride : q, s = left > 3 ? r + stride : r
      let means = f32x4.splat(0), meanSlopes = means
      if (centered) {
        addUp(true, false, true, n, x, dy, scale, 0, q, r, s, means)
        means = divided(low, high, n)
        meanSlopes = divided(lowProducts, highProducts, n)
      }
      addUp(true, true, centered, n, x, dy, scale, 0, q, r, s, means)
      let inverses = inverseDeviations(n, epsilon), shifts = f32x4.mul(meanSlopes, inverses)
      let shrinks = f32x4.mul(divided(lowProducts, highProducts, n), f32x4.mul(inverses, inverses))
      for (let i = min(left, 4), at: usize = 0; i > 0; i--, at += stride) {
        const mean = lane(means, 0), inverse = lane(inverses, 0)
        const shrink = lane(shrinks, 0), shift = lane(shifts, 0)
        slopes(centered, n, x + at, scale, dy + at, dx + at, dscale, doffset, mean, inverse, shrink, shift)
        means = next(means)
        inverses = next(inverses)
        shrinks = next(shrinks)
        shifts = next(shifts)
      }
    }
  }
}

/**
 * The gradient by x, and those by scale and offset of so many rows `together` one after the other, each of n values:
 * their sums are those of all rows.
 */
export function layerNormGradient(
  rows: i32,
  n: i32,
  together: i32,
  epsilon: f32,
  x: usize,
  scale: usize,
  dy: usize,
  dx: usize,
  dscale: usize,
  doffset: usize
): void {
  normGradient(true, rows, n, together, epsilon, x, scale, dy, dx, dscale, doffset)
}

/** The same without an offset. */
export function rmsNormGradient(
  rows: i32,
  n: i32,
  together: i32,
  epsilon: f32,
  x: usize,
  scale: usize,
  dy: usize,
  dx: usize,
  dscale: usize
): void {
  normGradient(false, rows, n, together, epsilon, x, scale, dy, dx, dscale, dscale)
}
