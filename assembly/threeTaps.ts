// dprint-ignore-file: it drops decorators
import { madd } from "./simd"

// Winograd's minimal filtering of 3 taps along one axis, four channels at a time: F(4, 3) for a whole tile of 4
// outputs, F(2, 3) for a part of 2. The usual points of interpolation, 0, 1, -1, 2, -2 and infinity, lose more than two
// bits. With a = 3/4 and b = 3/2 instead the powers in the matrices stay near 1: errors are half as large on average,
// and the largest a quarter. A and B are still exact, as all their elements are sums of few powers of two. In the
// notation of Lavin and Gray, with the frequencies in the order 0, a, -a, infinity, b, -b:
//
//   B^T = p   0  -s   0  1  0     G = 1/p  0     0         A^T = 1  1   1   0  1   1
//         0  -ab2 -b2 a  1  0         1/u  a/u  a2/u             0  a  -a   0  b  -b
//         0   ab2 -b2 -a 1  0         1/u -a/u  a2/u             0  a2  a2  0  b2  b2
//         0   p   0  -s  0  1         0    0     1               0  a3 -a3  1  b3 -b3
//         0  -a2b -a2 b  1  0         1/v  b/v  b2/v
//         0   a2b -a2 -b 1  0         1/v -b/v  b2/v
//
// with s = a2 + b2, p = a2 b2, u = 2 a2 (a2 - b2) and v = 2 b2 (b2 - a2). A part interpolates at the first four only,
// with the same G, so that its products are summed with those of whole tiles, and has
//
//   B^T = p  0     -b2     0         A^T = 1  1   1  0
//         0  a t    t      0               0  a  -a  1          t = a2 - b2
//         0 -a t    t      0
//         0 -a2     0      1

const A: f32 = 0.75, A2: f32 = A * A, A3: f32 = A2 * A
const B: f32 = 1.5, B2: f32 = B * B, B3: f32 = B2 * B
const SUM: f32 = A2 + B2, PRODUCT: f32 = A2 * B2, DIFFERENCE: f32 = A2 - B2
const U: f32 = 2 * A2 * (A2 - B2), V: f32 = 2 * B2 * (B2 - A2)

// Each function reads vectors `step` bytes apart and writes vectors `toStep` bytes apart.

// B^T: to frequencies from the input under a tile.
// @ts-ignore: decorator
@inline
export function input3(whole: bool, from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step)
  const d3 = v128.load(from + 3 * step)
  if (whole) {
    const d4 = v128.load(from + 4 * step), d5 = v128.load(from + 5 * step)
    const evenA = madd(d2, f32x4.splat(-B2), d4), oddA = f32x4.mul(f32x4.splat(A), madd(d1, f32x4.splat(-B2), d3))
    const evenB = madd(d2, f32x4.splat(-A2), d4), oddB = f32x4.mul(f32x4.splat(B), madd(d1, f32x4.splat(-A2), d3))
    v128.store(to, madd(d0, f32x4.splat(PRODUCT), madd(d2, f32x4.splat(-SUM), d4)))
    v128.store(to + toStep, f32x4.add(evenA, oddA))
    v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA))
    v128.store(to + 3 * toStep, madd(d1, f32x4.splat(PRODUCT), madd(d3, f32x4.splat(-SUM), d5)))
    v128.store(to + 4 * toStep, f32x4.add(evenB, oddB))
    v128.store(to + 5 * toStep, f32x4.sub(evenB, oddB))
  } else {
    const even = f32x4.mul(f32x4.splat(DIFFERENCE), d2), odd = f32x4.mul(f32x4.splat(DIFFERENCE * A), d1)
    v128.store(to, madd(d0, f32x4.splat(PRODUCT), f32x4.mul(d2, f32x4.splat(-B2))))
    v128.store(to + toStep, f32x4.add(even, odd))
    v128.store(to + 2 * toStep, f32x4.sub(even, odd))
    v128.store(to + 3 * toStep, madd(d1, f32x4.splat(-A2), d3))
  }
}

// A: to frequencies from the gradient of a tile.
// @ts-ignore: decorator
@inline
export function gradient3(whole: bool, from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step)
  v128.store(to, d0)
  if (whole) {
    const d2 = v128.load(from + 2 * step), d3 = v128.load(from + 3 * step)
    const evenA = madd(d2, f32x4.splat(A2), d0), oddA = madd(d3, f32x4.splat(A3), f32x4.mul(d1, f32x4.splat(A)))
    const evenB = madd(d2, f32x4.splat(B2), d0), oddB = madd(d3, f32x4.splat(B3), f32x4.mul(d1, f32x4.splat(B)))
    v128.store(to + toStep, f32x4.add(evenA, oddA))
    v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA))
    v128.store(to + 3 * toStep, d3)
    v128.store(to + 4 * toStep, f32x4.add(evenB, oddB))
    v128.store(to + 5 * toStep, f32x4.sub(evenB, oddB))
  } else {
    v128.store(to + toStep, madd(d1, f32x4.splat(A), d0))
    v128.store(to + 2 * toStep, madd(d1, f32x4.splat(-A), d0))
    v128.store(to + 3 * toStep, d1)
  }
}

// A^T: from frequencies to a tile, plus an offset, but not below `least`; the sum of the squares of all before that
// bound.
// @ts-ignore: decorator
@inline
export function output3(
  whole: bool, bounded: bool, from: usize, step: usize, offset: v128, least: v128, to: usize, toStep: usize
): v128 {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step), last = v128.load(from + 3 * step)
  const evenA = f32x4.add(m1, m2), oddA = f32x4.sub(m1, m2)
  const first = f32x4.add(f32x4.add(v128.load(from), offset), evenA)
  if (whole) {
    const m4 = v128.load(from + 4 * step), m5 = v128.load(from + 5 * step)
    const evenB = f32x4.add(m4, m5), oddB = f32x4.sub(m4, m5)
    const y0 = f32x4.add(first, evenB)
    const y1 = madd(oddB, f32x4.splat(B), madd(oddA, f32x4.splat(A), offset))
    const y2 = madd(evenB, f32x4.splat(B2), madd(evenA, f32x4.splat(A2), offset))
    const y3 = madd(oddB, f32x4.splat(B3), madd(oddA, f32x4.splat(A3), f32x4.add(last, offset)))
    v128.store(to, bounded ? f32x4.pmax(least, y0) : y0)
    v128.store(to + toStep, bounded ? f32x4.pmax(least, y1) : y1)
    v128.store(to + 2 * toStep, bounded ? f32x4.pmax(least, y2) : y2)
    v128.store(to + 3 * toStep, bounded ? f32x4.pmax(least, y3) : y3)
    return f32x4.add(madd(y0, y0, f32x4.mul(y1, y1)), madd(y2, y2, f32x4.mul(y3, y3)))
  }
  const y1 = madd(oddA, f32x4.splat(A), f32x4.add(last, offset))
  v128.store(to, bounded ? f32x4.pmax(least, first) : first)
  v128.store(to + toStep, bounded ? f32x4.pmax(least, y1) : y1)
  return madd(first, first, f32x4.mul(y1, y1))
}

// G: to frequencies from a filter.
// @ts-ignore: decorator
@inline
export function filter3(from: usize, step: usize, to: usize, toStep: usize): void {
  const w0 = v128.load(from), w1 = v128.load(from + step), w2 = v128.load(from + 2 * step)
  const evenA = f32x4.mul(f32x4.splat(1 / U), madd(w2, f32x4.splat(A2), w0)), oddA = f32x4.mul(f32x4.splat(A / U), w1)
  const evenB = f32x4.mul(f32x4.splat(1 / V), madd(w2, f32x4.splat(B2), w0)), oddB = f32x4.mul(f32x4.splat(B / V), w1)
  v128.store(to, f32x4.mul(f32x4.splat(1 / PRODUCT), w0))
  v128.store(to + toStep, f32x4.add(evenA, oddA))
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA))
  v128.store(to + 3 * toStep, w2)
  v128.store(to + 4 * toStep, f32x4.add(evenB, oddB))
  v128.store(to + 5 * toStep, f32x4.sub(evenB, oddB))
}

// G^T: from frequencies to a filter's gradient; the sum of the squares of what it writes.
// @ts-ignore: decorator
@inline
export function taps3(from: usize, step: usize, to: usize, toStep: usize): v128 {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step)
  const m4 = v128.load(from + 4 * step), m5 = v128.load(from + 5 * step)
  const evenA = f32x4.mul(f32x4.splat(1 / U), f32x4.add(m1, m2))
  const oddA = f32x4.mul(f32x4.splat(A / U), f32x4.sub(m1, m2))
  const evenB = f32x4.mul(f32x4.splat(1 / V), f32x4.add(m4, m5))
  const oddB = f32x4.mul(f32x4.splat(B / V), f32x4.sub(m4, m5))
  const t0 = madd(v128.load(from), f32x4.splat(1 / PRODUCT), f32x4.add(evenA, evenB)), t1 = f32x4.add(oddA, oddB)
  const t2 = madd(evenA, f32x4.splat(A2), madd(evenB, f32x4.splat(B2), v128.load(from + 3 * step)))
  v128.store(to, t0)
  v128.store(to + toStep, t1)
  v128.store(to + 2 * toStep, t2)
  return madd(t0, t0, madd(t1, t1, f32x4.mul(t2, t2)))
}
