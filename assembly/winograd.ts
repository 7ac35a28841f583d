import { DEPTH, FAR, gemm, gemmScratch, multiply, packB, packTransposedB, WIDTH } from "./gemm"
import * as two from "./winograd2"
import * as four from "./winograd4"

// Convolutions with 3x3 kernels of stride 1 by Winograd's minimal filtering, after Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2015), with m = 2 or 4: F(2x2, 3x3) takes 16 multiplications where 36 are in the
// definition, without loss of precision, and F(4x4, 3x3) 36 where there are 144, with three times the error. The output is
// cut into tiles of m x m, each of which depends on a tile of m + 2 by m + 2 of the input: with the matrices of winograd2 and
// winograd4, an output tile is A^T [ (G g G^T) (B^T d B) ] A, where the product in brackets is one of matrices over the
// channels, for each of the (m + 2)^2 frequencies, and over many tiles at once:
//
//   filter    [frequencies][channels][filters]
//   input     [frequencies][tiles][channels]        output    [frequencies][tiles][filters]
//
// The gradients are the same with the parts changed: the input gradient takes the turned filter, transposed, and the
// filter gradient is G^T [ (B^T d B)^T (A dy A^T) ] G, summed over the tiles. All functions need at least 4 channels and
// filters.
//
// What is not finite comes out as not finite, but not only where it should; each function therefore says whether all it
// wrote is finite, and the caller computes otherwise if it is not.
//
// Counted as in the definition, F(2x2) reaches 80 to 120 GFLOPS from 32 channels on, and 50 over 8; F(4x4) 90 to 175, and
// 65 over 8, most where its tiles fit the image: over 14x14 it gains little. XNNPACK reaches 43.

// Bytes of frequency planes of input and output that are worked on together.
const TOGETHER: usize = 1 << 19

// Planes whose distance is a multiple of 4 KB share few sets of the first-level cache.
function planeBytes(rows: i32, columns: i32): usize {
  return ((<usize> rows * <usize> columns * 4 + 4095) & ~4095) + 192
}

function frequencies(m: i32): usize {
  return <usize> ((m + 2) * (m + 2))
}

function blockTiles(m: i32, tiles: i32, inputs: i32, outputs: i32): i32 {
  const fit = <i32> (TOGETHER / (<usize> (inputs + outputs) * frequencies(m) * 4))
  return min(tiles, max(48, fit / 24 * 24))
}

// The filter is packed once for all blocks of tiles, into panels of 8 columns, where the product would take it in one.
function packsFilter(inputs: i32, outputs: i32): boolean {
  return inputs <= DEPTH && outputs <= WIDTH
}

function filterPlaneBytes(inputs: i32, outputs: i32): usize {
  return planeBytes(inputs, (outputs + 7) & ~7)
}

function tilesOf(m: i32, size: i32): i32 {
  return (size + m - 1) / m
}

// Room for a tile that lies partly outside, and for what a transform holds between columns and rows.
function edgeBytes(m: i32, inputs: i32, outputs: i32): usize {
  return (<usize> max(inputs, outputs) * 4 + 16) * frequencies(m)
}

/** The bytes of scratch space that the functions below need, for outputs of this size. */
export function winogradScratch(m: i32, batch: i32, outHeight: i32, outWidth: i32, inputs: i32, outputs: i32): usize {
  const tiles = blockTiles(m, batch * tilesOf(m, outHeight) * tilesOf(m, outWidth), inputs, outputs)
  const product = max(gemmScratch(tiles, outputs, inputs), gemmScratch(inputs, outputs, tiles))
  return frequencies(m) * (planeBytes(tiles, inputs) + planeBytes(tiles, outputs) + filterPlaneBytes(inputs, outputs))
    + edgeBytes(m, inputs, outputs) + <usize> product
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

// Transforms `count` tiles of the images from the tile `first` on: those that the filters go over, which overlap, or
// those of a gradient.
function transformTiles(
  m: i32,
  overlap: i32,
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
  edge: usize,
  between: usize
): void {
  const size = m + overlap
  const pixel = <usize> channels << 2
  for (let tile = first; tile < first + count; tile++, to += pixel) {
    const row = tile / tilesAcross
    const y0 = m * (row % tilesDown) - top, x0 = m * (tile % tilesAcross) - left
    const image = x + <usize> (row / tilesDown * height * width) * pixel
    let from = image + <usize> (y0 * width + x0) * pixel, line = <usize> width * pixel
    if (y0 < 0 || x0 < 0 || y0 + size > height || x0 + size > width) {
      gather(image, height, width, channels, y0, x0, size, edge)
      from = edge
      line = <usize> size * pixel
    }
    if (m == 2) {
      if (overlap) two.transformInput(from, pixel, line, channels, to, plane)
      else two.transformGradient(from, pixel, line, channels, to, plane)
    } else {
      if (overlap) four.transformInput(from, pixel, line, channels, to, plane, between)
      else four.transformGradient(from, pixel, line, channels, to, plane, between)
    }
  }
}

function isZero(check: v128): i32 {
  return i32(v128.all_true<i32>(f32x4.eq(check, f32x4.splat(0))))
}

/**
 * The convolution of x, [batch, height, width, inputs], to y, [batch, outHeight, outWidth, outputs], with `top` and `left`
 * zeros before it, which may be negative. The bias, of [outputs], may be 0, for none. The turned filter is read as [3, 3, outputs, inputs]. Whether all of y is finite.
 */
export function winograd(
  m: i32,
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
  bias: usize,
  y: usize,
  scratch: usize
): i32 {
  const tilesDown = tilesOf(m, outHeight), tilesAcross = tilesOf(m, outWidth), tiles = batch * tilesDown * tilesAcross
  const block = blockTiles(m, tiles, inputs, outputs)
  const filterPlane = filterPlaneBytes(inputs, outputs), inPlane = planeBytes(block, inputs)
  const outPlane = planeBytes(block, outputs)
  const planes = frequencies(m)
  const inFrequencies = scratch + planes * filterPlane, outFrequencies = inFrequencies + planes * inPlane
  const between = outFrequencies + planes * outPlane, edge = between + 16 * planes
  const product = between + edgeBytes(m, inputs, outputs)
  const pixel = <usize> outputs << 2
  let check = f32x4.splat(0)
  if (m == 2) two.transformFilter(filter, inputs * outputs, turned, scratch, filterPlane)
  else four.transformFilter(filter, inputs * outputs, turned, scratch, filterPlane, between)
  const lda = <usize> inputs << 2, packed = packsFilter(inputs, outputs), ldb = turned ? inputs : outputs
  if (packed) {
    const bytes = <usize> inputs * <usize> ((outputs + 7) & ~7) * 4
    for (let f: usize = 0; f < planes; f++) {
      const b = scratch + f * filterPlane
      if (turned) packTransposedB(inputs, outputs, b, ldb, product)
      else packB(inputs, outputs, b, ldb, product)
      memory.copy(b, product, bytes)
    }
  }
  for (let first = 0; first < tiles; first += block) {
    const count = min(block, tiles - first)
    // dprint-ignore
    transformTiles(
      m, 2, first, count, tilesDown, tilesAcross,
      x, height, width, inputs, top, left, inFrequencies, inPlane, edge, between
    )
    for (let f: usize = 0; f < planes; f++) {
      const a = inFrequencies + f * inPlane, b = scratch + f * filterPlane, c = outFrequencies + f * outPlane
      if (packed) multiply(0, count, outputs, inputs, a, lda, b, 32, <usize> inputs << 5, c, outputs, 0, product)
      else gemm(0, turned, count, outputs, inputs, a, inputs, b, ldb, c, outputs, 0, product)
    }
    for (let tile = 0, from = outFrequencies; tile < count; tile++, from += pixel) {
      const row = (first + tile) / tilesAcross
      const y0 = m * (row % tilesDown), x0 = m * ((first + tile) % tilesAcross)
      const down = min(m, outHeight - y0), across = min(m, outWidth - x0)
      const whole = down == m && across == m
      const to = y + <usize> ((row / tilesDown * outHeight + y0) * outWidth + x0) * pixel
      const line = <usize> outWidth * pixel, edgeLine = <usize> m * pixel
      const out = whole ? to : edge, outLine = whole ? line : edgeLine
      const wrong = m == 2
        ? two.transformOutput(from, outPlane, outputs, bias, out, pixel, outLine)
        : four.transformOutput(from, outPlane, outputs, bias, out, pixel, outLine, between)
      check = f32x4.add(check, wrong)
      if (whole) continue
      for (let i: usize = 0; i < <usize> down; i++) copyPixels(edge + i * edgeLine, to + i * line, across * outputs)
    }
  }
  return isZero(check)
}

/** The gradient of that convolution by the filter, from dy, [batch, outHeight, outWidth, outputs]. */
export function winogradFilterGradient(
  m: i32,
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
  const tilesDown = tilesOf(m, outHeight), tilesAcross = tilesOf(m, outWidth), tiles = batch * tilesDown * tilesAcross
  const block = blockTiles(m, tiles, inputs, outputs)
  const filterPlane = filterPlaneBytes(inputs, outputs), inPlane = planeBytes(block, inputs)
  const outPlane = planeBytes(block, outputs)
  const planes = frequencies(m)
  const inFrequencies = scratch + planes * filterPlane, outFrequencies = inFrequencies + planes * inPlane
  const between = outFrequencies + planes * outPlane, edge = between + 16 * planes
  const product = between + edgeBytes(m, inputs, outputs)
  // Blocks of tiles are few enough for the gradient to be read where it lies.
  const inPlace = outputs % 8 == 0 && inputs < FAR, lda = <usize> inputs << 2, ldb = <usize> outputs << 2
  for (let first = 0; first < tiles; first += block) {
    const count = min(block, tiles - first), more = i32(first > 0)
    // dprint-ignore
    transformTiles(
      m, 2, first, count, tilesDown, tilesAcross,
      x, height, width, inputs, top, left, inFrequencies, inPlane, edge, between
    )
    // dprint-ignore
    transformTiles(
      m, 0, first, count, tilesDown, tilesAcross,
      dy, outHeight, outWidth, outputs, 0, 0, outFrequencies, outPlane, edge, between
    )
    for (let f: usize = 0; f < planes; f++) {
      const a = inFrequencies + f * inPlane, b = outFrequencies + f * outPlane, c = scratch + f * filterPlane
      if (inPlace) multiply(1, inputs, outputs, count, a, lda, b, ldb, 32, c, outputs, more, product)
      else gemm(1, 0, inputs, outputs, count, a, inputs, b, outputs, c, outputs, more, product)
    }
  }
  const check = m == 2
    ? two.transformTaps(scratch, filterPlane, inputs * outputs, dFilter)
    : four.transformTaps(scratch, filterPlane, inputs * outputs, dFilter, between)
  return isZero(check)
}
