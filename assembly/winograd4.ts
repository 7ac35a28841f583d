import { madd } from "./simd"

// The transforms of Winograd's F(4x4, 3x3), four channels at a time, in the notation of winograd2. The usual points of
// interpolation, 0, 1, -1, 2, -2 and infinity, lose more than two bits. With a = 3/4 and b = 3/2 instead the powers in the
// matrices stay near 1: errors are half as large on average, and the largest a quarter. A and B are still exact, as all
// their elements are sums of few powers of two:
//
//   B^T = p   0  -s   0  1  0     G = 1/p  0     0         A^T = 1  1   1   1   1   0
//         0  -ab2 -b2 a  1  0         1/u  a/u  a2/u             0  a  -a   b  -b   0
//         0   ab2 -b2 -a 1  0         1/u -a/u  a2/u             0  a2  a2  b2  b2  0
//         0  -a2b -a2 b  1  0         1/v  b/v  b2/v             0  a3 -a3  b3 -b3  1
//         0   a2b -a2 -b 1  0         1/v -b/v  b2/v
//         0   p   0  -s  0  1         0    0     1
//
// with s = a2 + b2, p = a2 b2, u = 2 a2 (a2 - b2) and v = 2 b2 (b2 - a2). A transform in two dimensions is one of the
// columns, into 36 vectors of scratch space at `between`, and then one of the rows.

const A: f32 = 0.75, A2: f32 = A * A, A3: f32 = A2 * A
const B: f32 = 1.5, B2: f32 = B * B, B3: f32 = B2 * B
const SUM: f32 = A2 + B2, PRODUCT: f32 = A2 * B2
const U: f32 = 2 * A2 * (A2 - B2), V: f32 = 2 * B2 * (B2 - A2)

// B^T times six vectors, `step` bytes apart.
// @ts-ignore: decorator

function inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step)
  const d3 = v128.load(from + 3 * step), d4 = v128.load(from + 4 * step), d5 = v128.load(from + 5 * step)
  const evenA = madd(d2, f32x4.splat(-B2), d4), oddA = f32x4.mul(f32x4.splat(A), madd(d1, f32x4.splat(-B2), d3))
  const evenB = madd(d2, f32x4.splat(-A2), d4), oddB = f32x4.mul(f32x4.splat(B), madd(d1, f32x4.splat(-A2), d3))
  v128.store(to, madd(d0, f32x4.splat(PRODUCT), madd(d2, f32x4.splat(-SUM), d4)))
  v128.store(to + toStep, f32x4.add(evenA, oddA))
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA))
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB))
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB))
  v128.store(to + 5 * toStep, madd(d1, f32x4.splat(PRODUCT), madd(d3, f32x4.splat(-SUM), d5)))
}

// B^T d B of a tile of 6x6.
export function transformInput(
  tile: usize,
  pixel: usize,
  line: usize,
  channels: i32,
  to: usize,
  plane: usize,
  between: usize
): void {
  const last = <usize> (channels - 4) << 2
  for (let c: usize = 0;; c = min(c + 16, last)) {
    for (let i: usize = 0; i < 6; i++) inputLine(tile + c + i * pixel, line, between + 16 * i, 96)
    for (let i: usize = 0; i < 6; i++) inputLine(between + 96 * i, 16, to + c + 6 * i * plane, plane)
    if (c == last) break
  }
}

// A times four vectors.
// @ts-ignore: decorator

function gradientLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), d1 = v128.load(from + step), d2 = v128.load(from + 2 * step)
  const d3 = v128.load(from + 3 * step)
  const evenA = madd(d2, f32x4.splat(A2), d0), oddA = madd(d3, f32x4.splat(A3), f32x4.mul(d1, f32x4.splat(A)))
  const evenB = madd(d2, f32x4.splat(B2), d0), oddB = madd(d3, f32x4.splat(B3), f32x4.mul(d1, f32x4.splat(B)))
  v128.store(to, d0)
  v128.store(to + toStep, f32x4.add(evenA, oddA))
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA))
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB))
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB))
  v128.store(to + 5 * toStep, d3)
}

// A dy A^T of a tile of 4x4.
export function transformGradient(
  tile: usize,
  pixel: usize,
  line: usize,
  filters: i32,
  to: usize,
  plane: usize,
  between: usize
): void {
  const last = <usize> (filters - 4) << 2
  for (let c: usize = 0;; c = min(c + 16, last)) {
    for (let i: usize = 0; i < 4; i++) gradientLine(tile + c + i * pixel, line, between + 16 * i, 64)
    for (let i: usize = 0; i < 6; i++) gradientLine(between + 64 * i, 16, to + c + 6 * i * plane, plane)
    if (c == last) break
  }
}

// A^T times six vectors, plus an offset; the sum of what it writes.
// @ts-ignore: decorator

function outputLine(from: usize, step: usize, offset: v128, to: usize, toStep: usize): v128 {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step)
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step)
  const evenA = f32x4.add(m1, m2), oddA = f32x4.sub(m1, m2), evenB = f32x4.add(m3, m4), oddB = f32x4.sub(m3, m4)
  const y0 = f32x4.add(f32x4.add(v128.load(from), offset), f32x4.add(evenA, evenB))
  const y1 = madd(oddB, f32x4.splat(B), madd(oddA, f32x4.splat(A), offset))
  const y2 = madd(evenB, f32x4.splat(B2), madd(evenA, f32x4.splat(A2), offset))
  const y3 = madd(oddB, f32x4.splat(B3), madd(oddA, f32x4.splat(A3), f32x4.add(v128.load(from + 5 * step), offset)))
  v128.store(to, y0)
  v128.store(to + toStep, y1)
  v128.store(to + 2 * toStep, y2)
  v128.store(to + 3 * toStep, y3)
  return f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3))
}

// A^T m A: from the 36 frequencies to a tile of 4x4, plus the bias if there is one. Zero for each channel when all is finite, otherwise NaN.
export function transformOutput(
  from: usize,
  plane: usize,
  channels: i32,
  bias: usize,
  tile: usize,
  pixel: usize,
  line: usize,
  between: usize
): v128 {
  const last = <usize> (channels - 4) << 2, zero = f32x4.splat(0)
  let check = zero
  for (let c: usize = 0;; c = min(c + 16, last)) {
    for (let i: usize = 0; i < 6; i++) outputLine(from + c + i * plane, 6 * plane, zero, between + 16 * i, 96)
    const offset = bias ? v128.load(bias + c) : zero
    for (let i: usize = 0; i < 4; i++) {
      check = madd(zero, outputLine(between + 96 * i, 16, offset, tile + c + i * line, pixel), check)
    }
    if (c == last) break
  }
  return check
}

// G times three vectors.
// @ts-ignore: decorator

function filterLine(from: usize, step: usize, to: usize, toStep: usize): void {
  const w0 = v128.load(from), w1 = v128.load(from + step), w2 = v128.load(from + 2 * step)
  const evenA = f32x4.mul(f32x4.splat(1 / U), madd(w2, f32x4.splat(A2), w0)), oddA = f32x4.mul(f32x4.splat(A / U), w1)
  const evenB = f32x4.mul(f32x4.splat(1 / V), madd(w2, f32x4.splat(B2), w0)), oddB = f32x4.mul(f32x4.splat(B / V), w1)
  v128.store(to, f32x4.mul(f32x4.splat(1 / PRODUCT), w0))
  v128.store(to + toStep, f32x4.add(evenA, oddA))
  v128.store(to + 2 * toStep, f32x4.sub(evenA, oddA))
  v128.store(to + 3 * toStep, f32x4.add(evenB, oddB))
  v128.store(to + 4 * toStep, f32x4.sub(evenB, oddB))
  v128.store(to + 5 * toStep, w2)
}

// G g G^T for each of `count` pairs of channels; the turned kernel has its taps in reverse order.
export function transformFilter(
  filter: usize,
  count: i32,
  turned: i32,
  to: usize,
  plane: usize,
  between: usize
): void {
  const bytes = <usize> count << 2, tap = turned ? <usize> 0 - bytes : bytes
  const first = turned ? filter + 8 * bytes : filter, last = bytes - 16
  for (let at: usize = 0;; at = min(at + 16, last)) {
    for (let i: usize = 0; i < 3; i++) filterLine(first + at + i * tap, 3 * tap, between + 16 * i, 48)
    for (let i: usize = 0; i < 6; i++) filterLine(between + 48 * i, 16, to + at + 6 * i * plane, plane)
    if (at == last) break
  }
}

// G^T times six vectors; the sum of what it writes.
// @ts-ignore: decorator

function tapsLine(from: usize, step: usize, to: usize, toStep: usize): v128 {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step)
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step)
  const evenA = f32x4.mul(f32x4.splat(1 / U), f32x4.add(m1, m2)),
    oddA = f32x4.mul(f32x4.splat(A / U), f32x4.sub(m1, m2))
  const evenB = f32x4.mul(f32x4.splat(1 / V), f32x4.add(m3, m4)),
    oddB = f32x4.mul(f32x4.splat(B / V), f32x4.sub(m3, m4))
  const t0 = madd(v128.load(from), f32x4.splat(1 / PRODUCT), f32x4.add(evenA, evenB)), t1 = f32x4.add(oddA, oddB)
  const t2 = madd(evenA, f32x4.splat(A2), madd(evenB, f32x4.splat(B2), v128.load(from + 5 * step)))
  v128.store(to, t0)
  v128.store(to + toStep, t1)
  v128.store(to + 2 * toStep, t2)
  return f32x4.add(t0, f32x4.add(t1, t2))
}

// G^T s G: from the 36 frequencies to the taps, as zero or NaN like transformOutput.
export function transformTaps(from: usize, plane: usize, count: i32, filter: usize, between: usize): v128 {
  const tap = <usize> count << 2, last = tap - 16, zero = f32x4.splat(0)
  let check = zero
  for (let at: usize = 0;; at = min(at + 16, last)) {
    for (let i: usize = 0; i < 6; i++) tapsLine(from + at + i * plane, 6 * plane, between + 16 * i, 96)
    for (let i: usize = 0; i < 3; i++) {
      check = madd(zero, tapsLine(between + 96 * i, 16, filter + at + 3 * i * tap, tap), check)
    }
    if (at == last) break
  }
  return check
}
