// The transforms of Winograd's F(2x2, 3x3), four channels at a time, with the matrices of Lavin and Gray:
//
//   B^T = 1  0 -1  0     G = 1    0    0      A^T = 1  1  1  0
//         0  1  1  0         1/2  1/2  1/2          0  1 -1 -1
//         0 -1  1  0         1/2 -1/2  1/2
//         0  1  0 -1         0    0    1
//
// `pixel` and `line` are the distances of neighbours in an image, `plane` that of frequencies, all in bytes. Where channels
// are no multiple of 4, the last vector overlaps the one before.

// Writes four values along a row of frequencies: the transform B of a row a, b, c, d.
function storeInput(a: v128, b: v128, c: v128, d: v128, to: usize, plane: usize): void {
  v128.store(to, f32x4.sub(a, c))
  v128.store(to + plane, f32x4.add(b, c))
  v128.store(to + 2 * plane, f32x4.sub(c, b))
  v128.store(to + 3 * plane, f32x4.sub(b, d))
}

function inputDifference(p: usize, q: usize, pixel: usize, to: usize, plane: usize): void {
  storeInput(
    f32x4.sub(v128.load(p), v128.load(q)),
    f32x4.sub(v128.load(p + pixel), v128.load(q + pixel)),
    f32x4.sub(v128.load(p + 2 * pixel), v128.load(q + 2 * pixel)),
    f32x4.sub(v128.load(p + 3 * pixel), v128.load(q + 3 * pixel)),
    to,
    plane
  )
}

function inputSum(p: usize, q: usize, pixel: usize, to: usize, plane: usize): void {
  storeInput(
    f32x4.add(v128.load(p), v128.load(q)),
    f32x4.add(v128.load(p + pixel), v128.load(q + pixel)),
    f32x4.add(v128.load(p + 2 * pixel), v128.load(q + 2 * pixel)),
    f32x4.add(v128.load(p + 3 * pixel), v128.load(q + 3 * pixel)),
    to,
    plane
  )
}

// B^T d B of a tile of 4x4 at `tile`, whose pixels and lines are so many bytes apart.
export function transformInput(tile: usize, pixel: usize, line: usize, channels: i32, to: usize, plane: usize): void {
  const last = <usize> (channels - 4) << 2
  for (let c: usize = 0;; c = min(c + 16, last)) {
    const p = tile + c, q = p + line, r = q + line, s = r + line, out = to + c
    inputDifference(p, r, pixel, out, plane)
    inputSum(q, r, pixel, out + 4 * plane, plane)
    inputDifference(r, q, pixel, out + 8 * plane, plane)
    inputDifference(q, s, pixel, out + 12 * plane, plane)
    if (c == last) break
  }
}

// Writes four values along a row of frequencies: the transform A of a row a, b.
function storeGradient(a: v128, b: v128, to: usize, plane: usize): void {
  v128.store(to, a)
  v128.store(to + plane, f32x4.add(a, b))
  v128.store(to + 2 * plane, f32x4.sub(a, b))
  v128.store(to + 3 * plane, f32x4.neg(b))
}

// A dy A^T of a tile of 2x2.
export function transformGradient(tile: usize, pixel: usize, line: usize, filters: i32, to: usize, plane: usize): void {
  const last = <usize> (filters - 4) << 2
  for (let c: usize = 0;; c = min(c + 16, last)) {
    const p = tile + c, q = p + line, out = to + c
    const a = v128.load(p), b = v128.load(p + pixel), d = v128.load(q), e = v128.load(q + pixel)
    storeGradient(a, b, out, plane)
    storeGradient(f32x4.add(a, d), f32x4.add(b, e), out + 4 * plane, plane)
    storeGradient(f32x4.sub(a, d), f32x4.sub(b, e), out + 8 * plane, plane)
    storeGradient(f32x4.neg(d), f32x4.neg(e), out + 12 * plane, plane)
    if (c == last) break
  }
}

// A^T m A: from the 16 frequencies to a tile of 2x2, plus the bias if there is one. Zero for each channel when all is finite, otherwise NaN.
export function transformOutput(
  from: usize,
  plane: usize,
  channels: i32,
  bias: usize,
  tile: usize,
  pixel: usize,
  line: usize
): v128 {
  const last = <usize> (channels - 4) << 2, zero = f32x4.splat(0)
  let check = zero
  for (let c: usize = 0;; c = min(c + 16, last)) {
    let at = from + c
    const p = tile + c, q = p + line, offset = bias ? v128.load(bias + c) : zero
    // The columns of A^T m, of two rows.
    let a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero
    {
      const i = v128.load(at + 4 * plane), j = v128.load(at + 8 * plane)
      a0 = f32x4.add(v128.load(at), f32x4.add(i, j))
      b0 = f32x4.sub(f32x4.sub(i, j), v128.load(at + 12 * plane))
      at += plane
    }
    {
      const i = v128.load(at + 4 * plane), j = v128.load(at + 8 * plane)
      a1 = f32x4.add(v128.load(at), f32x4.add(i, j))
      b1 = f32x4.sub(f32x4.sub(i, j), v128.load(at + 12 * plane))
      at += plane
    }
    {
      const i = v128.load(at + 4 * plane), j = v128.load(at + 8 * plane)
      a2 = f32x4.add(v128.load(at), f32x4.add(i, j))
      b2 = f32x4.sub(f32x4.sub(i, j), v128.load(at + 12 * plane))
      at += plane
    }
    {
      const i = v128.load(at + 4 * plane), j = v128.load(at + 8 * plane)
      a3 = f32x4.add(v128.load(at), f32x4.add(i, j))
      b3 = f32x4.sub(f32x4.sub(i, j), v128.load(at + 12 * plane))
    }
    const y00 = f32x4.add(f32x4.add(a0, offset), f32x4.add(a1, a2))
    const y01 = f32x4.add(f32x4.sub(a1, a2), f32x4.sub(offset, a3))
    const y10 = f32x4.add(f32x4.add(b0, offset), f32x4.add(b1, b2))
    const y11 = f32x4.add(f32x4.sub(b1, b2), f32x4.sub(offset, b3))
    v128.store(p, y00)
    v128.store(p + pixel, y01)
    v128.store(q, y10)
    v128.store(q + pixel, y11)
    check = f32x4.add(check, f32x4.mul(zero, f32x4.add(f32x4.add(y00, y01), f32x4.add(y10, y11))))
    if (c == last) break
  }
  return check
}

// Writes four values along a row of frequencies: the transform G of a row a, b, c.
function storeFilter(a: v128, b: v128, c: v128, to: usize, plane: usize): void {
  const half = f32x4.splat(0.5), even = f32x4.mul(half, f32x4.add(a, c)), odd = f32x4.mul(half, b)
  v128.store(to, a)
  v128.store(to + plane, f32x4.add(even, odd))
  v128.store(to + 2 * plane, f32x4.sub(even, odd))
  v128.store(to + 3 * plane, c)
}

// G g G^T for each of `count` pairs of channels; the turned kernel has its taps in reverse order.
export function transformFilter(filter: usize, count: i32, turned: i32, to: usize, plane: usize): void {
  const bytes = <usize> count << 2, tap = turned ? <usize> 0 - bytes : bytes, half = f32x4.splat(0.5)
  const first = turned ? filter + 8 * bytes : filter, last = bytes - 16
  for (let at: usize = 0;; at = min(at + 16, last)) {
    const p = first + at, q = p + 3 * tap, r = q + 3 * tap, out = to + at
    const p0 = v128.load(p), p1 = v128.load(p + tap), p2 = v128.load(p + 2 * tap)
    const r0 = v128.load(r), r1 = v128.load(r + tap), r2 = v128.load(r + 2 * tap)
    storeFilter(p0, p1, p2, out, plane)
    const even0 = f32x4.mul(half, f32x4.add(p0, r0)), odd0 = f32x4.mul(half, v128.load(q))
    const even1 = f32x4.mul(half, f32x4.add(p1, r1)), odd1 = f32x4.mul(half, v128.load(q + tap))
    const even2 = f32x4.mul(half, f32x4.add(p2, r2)), odd2 = f32x4.mul(half, v128.load(q + 2 * tap))
    storeFilter(f32x4.add(even0, odd0), f32x4.add(even1, odd1), f32x4.add(even2, odd2), out + 4 * plane, plane)
    storeFilter(f32x4.sub(even0, odd0), f32x4.sub(even1, odd1), f32x4.sub(even2, odd2), out + 8 * plane, plane)
    storeFilter(r0, r1, r2, out + 12 * plane, plane)
    if (at == last) break
  }
}

// Writes three taps: the transform G^T of a row a, b, c, d. Their sum tells whether they are finite.
function storeTaps(a: v128, b: v128, c: v128, d: v128, to: usize, tap: usize): v128 {
  const half = f32x4.splat(0.5), even = f32x4.mul(half, f32x4.add(b, c)), odd = f32x4.mul(half, f32x4.sub(b, c))
  const first = f32x4.add(a, even), third = f32x4.add(even, d)
  v128.store(to, first)
  v128.store(to + tap, odd)
  v128.store(to + 2 * tap, third)
  return f32x4.add(first, f32x4.add(odd, third))
}

// G^T s G: from the 16 frequencies to the taps, as zero or NaN like transformOutput.
export function transformTaps(from: usize, plane: usize, count: i32, filter: usize): v128 {
  const tap = <usize> count << 2, last = tap - 16, half = f32x4.splat(0.5), zero = f32x4.splat(0)
  let check = zero
  for (let at: usize = 0;; at = min(at + 16, last)) {
    const p = from + at, q = p + 4 * plane, r = q + 4 * plane, s = r + 4 * plane, to = filter + at
    const q0 = v128.load(q), q1 = v128.load(q + plane), q2 = v128.load(q + 2 * plane), q3 = v128.load(q + 3 * plane)
    const r0 = v128.load(r), r1 = v128.load(r + plane), r2 = v128.load(r + 2 * plane), r3 = v128.load(r + 3 * plane)
    const even0 = f32x4.mul(half, f32x4.add(q0, r0)), even1 = f32x4.mul(half, f32x4.add(q1, r1))
    const even2 = f32x4.mul(half, f32x4.add(q2, r2)), even3 = f32x4.mul(half, f32x4.add(q3, r3))
    const top = storeTaps(
      f32x4.add(v128.load(p), even0),
      f32x4.add(v128.load(p + plane), even1),
      f32x4.add(v128.load(p + 2 * plane), even2),
      f32x4.add(v128.load(p + 3 * plane), even3),
      to,
      tap
    )
    const middle = storeTaps(
      f32x4.mul(half, f32x4.sub(q0, r0)),
      f32x4.mul(half, f32x4.sub(q1, r1)),
      f32x4.mul(half, f32x4.sub(q2, r2)),
      f32x4.mul(half, f32x4.sub(q3, r3)),
      to + 3 * tap,
      tap
    )
    const bottom = storeTaps(
      f32x4.add(even0, v128.load(s)),
      f32x4.add(even1, v128.load(s + plane)),
      f32x4.add(even2, v128.load(s + 2 * plane)),
      f32x4.add(even3, v128.load(s + 3 * plane)),
      to + 6 * tap,
      tap
    )
    check = f32x4.add(check, f32x4.mul(zero, f32x4.add(top, f32x4.add(middle, bottom))))
    if (at == last) break
  }
  return check
}
