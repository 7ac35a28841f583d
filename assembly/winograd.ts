import { gemm, gemmScratch } from "./gemm"

// Convolutions with 3x3 kernels of stride 1 by Winograd's minimal filtering F(2x2, 3x3), after Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks" (2015): 16 multiplications where 36 are in the definition, without loss
// of precision. The output is cut into tiles of 2x2, each of which depends on a tile of 4x4 of the input. With
//
//   B^T = 1  0 -1  0     G = 1    0    0      A^T = 1  1  1  0
//         0  1  1  0         1/2  1/2  1/2          0  1 -1 -1
//         0 -1  1  0         1/2 -1/2  1/2
//         0  1  0 -1         0    0    1
//
// an output tile is A^T [ (G g G^T) (B^T d B) ] A, where the product in brackets is one of matrices over the channels, for
// each of the 16 frequencies, and over many tiles at once:
//
//   filter    [16][channels][filters]
//   input     [16][tiles][channels]        output    [16][tiles][filters]
//
// The gradients are the same with the parts changed: the input gradient takes the turned filter, transposed, and the
// filter gradient is G^T [ (B^T d B)^T (A dy A^T) ] G, summed over the tiles. All functions need at least 4 channels and
// filters; where these are no multiple of 4, the last vector overlaps the one before.
//
// What is not finite comes out as not finite, but not only where it should; each function therefore says whether all it
// wrote is finite, and the caller computes otherwise if it is not.

// Bytes of frequency planes of input and output that are worked on together.
const TOGETHER: usize = 1 << 19

// Planes whose distance is a multiple of 4 KB share few sets of the first-level cache.
function planeBytes(rows: i32, columns: i32): usize {
  return ((<usize> rows * <usize> columns * 4 + 4095) & ~4095) + 192
}

function blockTiles(tiles: i32, inputs: i32, outputs: i32): i32 {
  const fit = <i32> (TOGETHER / (<usize> (inputs + outputs) << 6))
  return min(tiles, max(48, fit / 24 * 24))
}

function tilesOf(size: i32): i32 {
  return (size + 1) >> 1
}

/** The bytes of scratch space that the functions below need, for outputs of this size. */
export function winogradScratch(batch: i32, outHeight: i32, outWidth: i32, inputs: i32, outputs: i32): usize {
  const tiles = blockTiles(batch * tilesOf(outHeight) * tilesOf(outWidth), inputs, outputs)
  const product = max(gemmScratch(tiles, outputs, inputs), gemmScratch(inputs, outputs, tiles))
  return 16 * (planeBytes(tiles, inputs) + planeBytes(tiles, outputs) + planeBytes(inputs, outputs))
    + (<usize> max(inputs, outputs) << 6) + <usize> product
}

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
function transformInput(tile: usize, pixel: usize, line: usize, channels: i32, to: usize, plane: usize): void {
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
function transformGradient(tile: usize, pixel: usize, line: usize, filters: i32, to: usize, plane: usize): void {
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

// A^T m A: from the 16 frequencies to a tile of 2x2. Zero for each channel when all is finite, otherwise NaN.
function transformOutput(from: usize, plane: usize, channels: i32, tile: usize, pixel: usize, line: usize): v128 {
  const last = <usize> (channels - 4) << 2, zero = f32x4.splat(0)
  let check = zero
  for (let c: usize = 0;; c = min(c + 16, last)) {
    let at = from + c
    const p = tile + c, q = p + line
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
    const y00 = f32x4.add(a0, f32x4.add(a1, a2)), y01 = f32x4.sub(f32x4.sub(a1, a2), a3)
    const y10 = f32x4.add(b0, f32x4.add(b1, b2)), y11 = f32x4.sub(f32x4.sub(b1, b2), b3)
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
function transformFilter(filter: usize, count: i32, turned: i32, to: usize, plane: usize): void {
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
function transformTaps(from: usize, plane: usize, count: i32, filter: usize): v128 {
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

function copyPixels(from: usize, to: usize, floats: i32): void {
  const last = <usize> (floats - 4) << 2
  for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at))
  v128.store(to + last, v128.load(from + last))
}

// Copies a square of an image that lies partly outside, with zeros there.
function gather(image: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, size: i32, to: usize): void {
  const pixel = <usize> channels << 2, line = <usize> size * pixel
  memory.fill(to, 0, <usize> size * line)
  const first = max(0, -left), end = min(size, width - left)
  if (first >= end) return
  for (let row = max(0, -top), y = top + row; row < size && y < height; row++, y++) {
    const from = image + <usize> (y * width + left + first) * pixel
    copyPixels(from, to + <usize> row * line + <usize> first * pixel, (end - first) * channels)
  }
}

// Transforms `count` tiles of the images from the tile `first` on: tiles of 4x4 for the filters to go over, which overlap,
// or of 2x2 of a gradient.
function transformTiles(
  size: i32,
  first: i32,
  count: i32,
  tilesDown: i32,
  tilesAcross: i32,
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  to: usize,
  plane: usize,
  edge: usize
): void {
  const pixel = <usize> channels << 2
  for (let tile = first; tile < first + count; tile++, to += pixel) {
    const row = tile / tilesAcross
    const y0 = 2 * (row % tilesDown) - top, x0 = 2 * (tile % tilesAcross) - left
    const image = x + <usize> (row / tilesDown * height * width) * pixel
    let from = image + <usize> (y0 * width + x0) * pixel, line = <usize> width * pixel
    if (y0 < 0 || x0 < 0 || y0 + size > height || x0 + size > width) {
      gather(image, height, width, channels, y0, x0, size, edge)
      from = edge
      line = <usize> size * pixel
    }
    if (size == 4) transformInput(from, pixel, line, channels, to, plane)
    else transformGradient(from, pixel, line, channels, to, plane)
  }
}

function isZero(check: v128): i32 {
  return i32(v128.all_true<i32>(f32x4.eq(check, f32x4.splat(0))))
}

/**
 * The convolution of x, [batch, height, width, inputs], to y, [batch, outHeight, outWidth, outputs], with `top` and `left`
 * zeros before it, which may be negative. The turned filter is read as [3, 3, outputs, inputs]. Whether all of y is finite.
 */
export function winograd(
  batch: i32,
  height: i32,
  width: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  outputs: i32,
  top: i32,
  left: i32,
  x: usize,
  filter: usize,
  turned: i32,
  y: usize,
  scratch: usize
): i32 {
  const tilesDown = tilesOf(outHeight), tilesAcross = tilesOf(outWidth), tiles = batch * tilesDown * tilesAcross
  const block = blockTiles(tiles, inputs, outputs)
  const filterPlane = planeBytes(inputs, outputs), inPlane = planeBytes(block, inputs)
  const outPlane = planeBytes(block, outputs)
  const inFrequencies = scratch + 16 * filterPlane, outFrequencies = inFrequencies + 16 * inPlane
  const edge = outFrequencies + 16 * outPlane, product = edge + (<usize> max(inputs, outputs) << 6)
  const pixel = <usize> outputs << 2
  let check = f32x4.splat(0)
  transformFilter(filter, inputs * outputs, turned, scratch, filterPlane)
  for (let first = 0; first < tiles; first += block) {
    const count = min(block, tiles - first)
    // dprint-ignore
    transformTiles(
      4, first, count, tilesDown, tilesAcross,
      x, height, width, inputs, top, left, inFrequencies, inPlane, edge
    )
    for (let f: usize = 0; f < 16; f++) {
      const a = inFrequencies + f * inPlane, b = scratch + f * filterPlane, c = outFrequencies + f * outPlane
      const ldb = turned ? inputs : outputs
      gemm(0, turned, count, outputs, inputs, a, inputs, b, ldb, c, outputs, 0, product)
    }
    for (let tile = 0, from = outFrequencies; tile < count; tile++, from += pixel) {
      const row = (first + tile) / tilesAcross
      const y0 = 2 * (row % tilesDown), x0 = 2 * ((first + tile) % tilesAcross)
      const to = y + <usize> ((row / tilesDown * outHeight + y0) * outWidth + x0) * pixel
      const across = min(2, outWidth - x0), line = <usize> outWidth * pixel
      if (across == 2 && y0 + 2 <= outHeight) {
        check = f32x4.add(check, transformOutput(from, outPlane, outputs, to, pixel, line))
      } else {
        check = f32x4.add(check, transformOutput(from, outPlane, outputs, edge, pixel, 2 * pixel))
        copyPixels(edge, to, across * outputs)
        if (y0 + 2 <= outHeight) copyPixels(edge + 2 * pixel, to + line, across * outputs)
      }
    }
  }
  return isZero(check)
}

/** The gradient of that convolution by the filter, from dy, [batch, outHeight, outWidth, outputs]. */
export function winogradFilterGradient(
  batch: i32,
  height: i32,
  width: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  outputs: i32,
  top: i32,
  left: i32,
  x: usize,
  dy: usize,
  dFilter: usize,
  scratch: usize
): i32 {
  const tilesDown = tilesOf(outHeight), tilesAcross = tilesOf(outWidth), tiles = batch * tilesDown * tilesAcross
  const block = blockTiles(tiles, inputs, outputs)
  const filterPlane = planeBytes(inputs, outputs), inPlane = planeBytes(block, inputs)
  const outPlane = planeBytes(block, outputs)
  const inFrequencies = scratch + 16 * filterPlane, outFrequencies = inFrequencies + 16 * inPlane
  const edge = outFrequencies + 16 * outPlane, product = edge + (<usize> max(inputs, outputs) << 6)
  for (let first = 0; first < tiles; first += block) {
    const count = min(block, tiles - first), more = i32(first > 0)
    // dprint-ignore
    transformTiles(
      4, first, count, tilesDown, tilesAcross,
      x, height, width, inputs, top, left, inFrequencies, inPlane, edge
    )
    // dprint-ignore
    transformTiles(
      2, first, count, tilesDown, tilesAcross,
      dy, outHeight, outWidth, outputs, 0, 0, outFrequencies, outPlane, edge
    )
    for (let f: usize = 0; f < 16; f++) {
      const a = inFrequencies + f * inPlane, b = outFrequencies + f * outPlane, c = scratch + f * filterPlane
      gemm(1, 0, inputs, outputs, count, a, inputs, b, outputs, c, outputs, more, product)
    }
  }
  return isZero(transformTaps(scratch, filterPlane, inputs * outputs, dFilter))
}
