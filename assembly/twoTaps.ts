// dprint-ignore-file: it drops decorators
import { madd } from "./simd"

// As threeTaps.ts, for 2 taps: F(4, 2) for a whole tile of 4 outputs, at 0, a, -a, infinity and b, and F(3, 2) for a
// part of 3, at the first four:
//
//   B^T = a2b -a2  -b   1  0     G = 1/p  0     A^T = 1  1   1   0  1     parts: B^T = a2b 0      -b     0
//         0   -ab   a-b 1  0         1/q  a/q         0  a  -a   0  b                  0   a(a-b)  a-b   0
//         0    ab  -a-b 1  0         1/r -a/r         0  a2  a2  0  b2                 0   a(a+b) -a-b   0
//         0    a2b -a2 -b  1         0    1           0  a3 -a3  1  b3                 0  -a2      0     1
//         0   -a2   0   1  0         1/s  b/s
//
// with a = 3/4, b = 3/2, p = a2 b, q = 2 a2 (a - b), r = -2 a2 (a + b) and s = b (b2 - a2).

const A: f32 = 0.75, A2: f32 = A * A, A3: f32 = A2 * A
const B: f32 = 1.5, B2: f32 = B * B, B3: f32 = B2 * B
const P: f32 = A2 * B, Q: f32 = 2 * A2 * (A - B), R: f32 = -2 * A2 * (A + B), S: f32 = B * (B2 - A2)

// @ts-ignore: decorator
@inline
export function input2(whole: bool, from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step)
  const d3 = v128.load(from + 3 * step)
  if (whole) {
    const d4 = v128.load(from + 4 * step)
    const even = madd(d2, f32x4.splat(-B), d3), odd = madd(d1, f32x4.splat(-B), d2)
    v128.store(to, madd(madd(d0, f32x4.splat(-B), d1), f32x4.splat(-A2), even))
    v128.store(to + toStep, madd(odd, f32x4.splat(A), even))
    v128.store(to + 2 * toStep, madd(odd, f32x4.splat(-A), even))
    v128.store(to + 3 * toStep, madd(odd, f32x4.splat(-A2), madd(d3, f32x4.splat(-B), d4)))
    v128.store(to + 4 * toStep, madd(d1, f32x4.splat(-A2), d3))
  } else {
    v128.store(to, madd(d0, f32x4.splat(P), f32x4.mul(d2, f32x4.splat(-B))))
    v128.store(to + toStep, madd(d1, f32x4.splat(A * (A - B)), f32x4.mul(d2, f32x4.splat(A - B))))
    v128.store(to + 2 * toStep, madd(d1, f32x4.splat(A * (A + B)), f32x4.mul(d2, f32x4.splat(-A - B))))
    v128.store(to + 3 * toStep, madd(d1, f32x4.splat(-A2), d3))
  }
}

// @ts-ignore: decorator
@inline
export function gradient2(whole: bool, from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step)
  const even = madd(d2, f32x4.splat(A2), d0)
  v128.store(to, d0)
  if (whole) {
    const d3 = v128.load(from + 3 * step)
    const odd = madd(d3, f32x4.splat(A3), f32x4.mul(d1, f32x4.splat(A)))
    v128.store(to + toStep, f32x4.add(even, odd))
    v128.store(to + 2 * toStep, f32x4.sub(even, odd))
    v128.store(to + 3 * toStep, d3)
    v128.store(to + 4 * toStep, madd(d3, f32x4.splat(B3), madd(d2, f32x4.splat(B2), madd(d1, f32x4.splat(B), d0))))
  } else {
    v128.store(to + toStep, madd(d1, f32x4.splat(A), even))
    v128.store(to + 2 * toStep, madd(d1, f32x4.splat(-A), even))
    v128.store(to + 3 * toStep, d2)
  }
}

// @ts-ignore: decorator
@inline
export function output2(
  whole: bool, bounded: bool, from: usize, step: usize, offset: v128, least: v128, to: usize, toStep: usize
): v128 {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step), m3 = v128.load(from + 3 * step)
  const even = f32x4.add(m1, m2), odd = f32x4.sub(m1, m2)
  let y0 = f32x4.add(f32x4.add(v128.load(from), offset), even)
  let y1 = madd(odd, f32x4.splat(A), offset)
  let y2 = madd(even, f32x4.splat(A2), offset)
  let sum = f32x4.splat(0)
  if (whole) {
    const m4 = v128.load(from + 4 * step)
    y0 = f32x4.add(y0, m4)
    y1 = madd(m4, f32x4.splat(B), y1)
    y2 = madd(m4, f32x4.splat(B2), y2)
    const y3 = madd(m4, f32x4.splat(B3), madd(odd, f32x4.splat(A3), f32x4.add(m3, offset)))
    v128.store(to + 3 * toStep, bounded ? f32x4.pmax(least, y3) : y3)
    sum = f32x4.mul(y3, y3)
  } else y2 = f32x4.add(y2, m3)
  v128.store(to, bounded ? f32x4.pmax(least, y0) : y0)
  v128.store(to + toStep, bounded ? f32x4.pmax(least, y1) : y1)
  v128.store(to + 2 * toStep, bounded ? f32x4.pmax(least, y2) : y2)
  return f32x4.add(madd(y0, y0, f32x4.mul(y1, y1)), madd(y2, y2, sum))
}

// @ts-ignore: decorator
@inline
export function filter2(from: usize, step: usize, to: usize, toStep: usize): void {
  const w0 = v128.load(from), w1 = v128.load(from + step)
  v128.store(to, f32x4.mul(w0, f32x4.splat(1 / P)))
  v128.store(to + toStep, f32x4.mul(madd(w1, f32x4.splat(A), w0), f32x4.splat(1 / Q)))
  v128.store(to + 2 * toStep, f32x4.mul(madd(w1, f32x4.splat(-A), w0), f32x4.splat(1 / R)))
  v128.store(to + 3 * toStep, w1)
  v128.store(to + 4 * toStep, f32x4.mul(madd(w1, f32x4.splat(B), w0), f32x4.splat(1 / S)))
}

// @ts-ignore: decorator
@inline
export function taps2(from: usize, step: usize, to: usize, toStep: usize): v128 {
  const m1 = f32x4.mul(v128.load(from + step), f32x4.splat(1 / Q))
  const m2 = f32x4.mul(v128.load(from + 2 * step), f32x4.splat(1 / R))
  const m4 = f32x4.mul(v128.load(from + 4 * step), f32x4.splat(1 / S))
  const t0 = madd(v128.load(from), f32x4.splat(1 / P), f32x4.add(f32x4.add(m1, m2), m4))
  const t1 = madd(f32x4.sub(m1, m2), f32x4.splat(A), madd(m4, f32x4.splat(B), v128.load(from + 3 * step)))
  v128.store(to, t0)
  v128.store(to + toStep, t1)
  return madd(t0, t0, f32x4.mul(t1, t1))
}
