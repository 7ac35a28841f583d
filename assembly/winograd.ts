import { gemm, gemmScratch } from "./gemm"
import {
  transformFilter,
  transformGradient,
  transformInput,
  transformOutput,
  transformTaps
} from "./winogradTransforms"

// Convolutions with 3x3 kernels of stride 1 by Winograd's minimal filtering F(2x2, 3x3), after Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks" (2015): 16 multiplications where 36 are in the definition, without loss
// of precision. The output is cut into tiles of 2x2, each of which depends on a tile of 4x4 of the input: with the
// matrices of winogradTransforms, an output tile is A^T [ (G g G^T) (B^T d B) ] A, where the product in brackets is one
// of matrices over the channels, for each of the 16 frequencies, and over many tiles at once:
//
//   filter    [16][channels][filters]
//   input     [16][tiles][channels]        output    [16][tiles][filters]
//
// The gradients are the same with the parts changed: the input gradient takes the turned filter, transposed, and the
// filter gradient is G^T [ (B^T d B)^T (A dy A^T) ] G, summed over the tiles. All functions need at least 4 channels and
// filters.
//
// What is not finite comes out as not finite, but not only where it should; each function therefore says whether all it
// wrote is finite, and the caller computes otherwise if it is not.
//
// 100 to 120 GFLOPS from 32 channels on, counted as in the definition, and 50 over 8 channels; the 16 products take nine
// tenths of the time. XNNPACK reaches 43.

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
