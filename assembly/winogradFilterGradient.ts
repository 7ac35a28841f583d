import { transformTaps } from "./transforms"
import { storeTaps } from "./winogradFilters"
import { addProduct } from "./winogradProducts"
import { areFinite, isLarge, isWide } from "./winogradRepair"
import { across, blockTiles, countTiles, down, edgeBytes, first1, first2, first3 } from "./winogradTiles"
import {
  frequenciesAcross,
  frequenciesDown,
  padded,
  planeBytes,
  planes,
  rowBytes,
  taps,
  tileOutputs,
  transformTiles
} from "./winogradTiles"

// The filter gradient of winograd.ts is G^T [ (B^T d B)^T (A dy A^T) ] G, where the product is one of matrices again,
// of [channels, tiles] and [tiles, filters]. It is added up over blocks of tiles. As fast as the convolution.

/**
 * The gradient by the filter, of `inputs` of the `allInputs` channels that pixels of x and taps of dFilter have. 0
 * where not all of it is finite, or where it is large and one pixel far larger than most: the transforms would spread
 * what rounding leaves of that one over all taps. What it sums in which order does not depend on how many channels are
 * computed together.
 */
export function winogradFilterGradient(
  kernelTaps: i32,
  isExact: i32,
  batch: i32,
  height: i32,
  width: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  outputs: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  top: i32,
  left: i32,
  allInputs: i32,
  x: usize,
  dy: usize,
  dFilter: usize,
  scratch: usize
): i32 {
  tileOutputs(kernelTaps, isExact, outHeight, outWidth)
  const tiles = batch * down * across, depth = inputs * stride * stride
  const block = blockTiles(tiles, allInputs * stride * stride, outputs)
  const inRow = rowBytes(depth), outRow = rowBytes(outputs)
  const inPlane = planeBytes(block, inRow), outPlane = planeBytes(block, outRow), plane = planeBytes(depth, outRow)
  const raw = scratch + edgeBytes(depth, outputs), sums = raw + <usize> (taps * taps * inputs) * outRow
  const inFrequencies = sums + <usize> planes() * plane, outFrequencies = inFrequencies + <usize> planes() * inPlane
  memory.fill(sums, 0, <usize> planes() * plane)
  if (outputs % 8) memory.fill(outFrequencies, 0, <usize> planes() * outPlane)
  for (let tile = 0; tile < tiles; tile += block) {
    const count = min(block, tiles - tile)
    // dprint-ignore
    transformTiles(
      false, tile, count, x, height, width, inputs, <usize> allInputs << 2, top, left, stride,
      inFrequencies, inPlane, inRow, scratch
    )
    // dprint-ignore
    transformTiles(
      true, tile, count, dy, outHeight, outWidth, outputs, <usize> outputs << 2, 0, 0, 1,
      outFrequencies, outPlane, outRow, scratch
    )
    countTiles(tile, count)
    for (let i = 0; i < frequenciesDown; i++) {
      for (let j = 0; j < frequenciesAcross; j++) {
        const from = i < 4 ? 0 : first1, end = j < 4 ? i < 4 ? count : first3 : first2, f = <usize> (i * (taps + 3) + j)
        const a = inFrequencies + f * inPlane + <usize> from * inRow
        const b = outFrequencies + f * outPlane + <usize> from * outRow
        addProduct(depth, padded(outputs), end - from, a, inRow, b, outRow, sums + f * plane, outRow)
      }
    }
  }
  const columns = <i32> (outRow >> 2), tap = <usize> (allInputs * outputs) << 2
  let squares = f32x4.splat(0)
  for (let phase = 0; phase < stride * stride; phase++) {
    const p = phase / stride, q = phase % stride, from = sums + <usize> (phase * inputs) * outRow
    squares = f32x4.add(squares, transformTaps(taps, from, plane, inputs * columns, raw, scratch))
    storeTaps(taps, raw, columns, kernelHeight, kernelWidth, inputs, outputs, p, q, stride, tap, dFilter)
  }
  if (!isLarge(squares, taps * taps * depth * columns / 4)) return 1
  if (!areFinite(squares)) return 0
  if (isWide(x, batch * height * width, inputs, <usize> allInputs << 2)) return 0
  return i32(!isWide(dy, batch * outHeight * outWidth, outputs, <usize> outputs << 2))
}
