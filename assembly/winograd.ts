import { copyPixels, partSize, tileStart } from "./tiles"
import { BETWEEN, transformOutput } from "./transforms"
import { layFilter, storeFilter } from "./winogradFilters"
import { product } from "./winogradProducts"
import { areFinite, isLarge, repair } from "./winogradRepair"
import {
  across,
  blockTiles,
  countTiles,
  down,
  edgeBytes,
  first1,
  first2,
  first3,
  frequenciesAcross,
  frequenciesDown,
  nextTile,
  padded
} from "./winogradTiles"
import {
  place,
  planeBytes,
  planes,
  rowBytes,
  startTiles,
  taps,
  tileColumn,
  tileImage,
  tileOutputs,
  tileRow,
  transformTiles,
  wholeAcross,
  wholeDown
} from "./winogradTiles"

// Convolutions by Winograd's minimal filtering, after Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks" (2015). The output is cut into tiles, each of which depends on a somewhat larger tile of the input: with
// the matrices of threeTaps.ts or twoTaps.ts, an output tile is A^T [ (G g G^T) (B^T d B) ] A, where the product in
// brackets is one of matrices over the channels, for each frequency, and over many tiles at once:
//
//   filter    [frequencies][channels][filters], in panels of 8 columns
//   input     [frequencies][tiles][channels]        output    [frequencies][tiles][filters]
//
// Whole tiles are of 4x4, and take 36 products where there are 144 in the definition for kernels of 3x3; parts, at the
// edges of an image, take fewer frequencies than whole tiles, but those by the same matrices, so that tiles of all
// kinds share the products of a frequency. Parts alone are as exact as the definition ("exact" in
// convolutionPrecision.ts).
//
// A convolution in steps of 2 is a sum of four, of every second row and column of the input with every second row and
// column of the kernel: its phases, which count as so many more channels. Kernels of 4x4 then have 2x2 taps, those of
// 5x5 and 6x6 have 3x3. By the input it is four gradients, each of its own phase.
//
// What is not finite comes out as not finite, but not only where it should; each function therefore says whether all it
// wrote is finite, and the caller computes otherwise if it is not. What is large is looked at by winogradRepair.ts. All
// functions need at least 4 channels and filters.
//
// Counted as in the definition, of which products reach 54 to 57 GFLOPS: kernels of 3x3 140 to 180 over 32 channels and
// more, 80 to 100 where exact, 25 to 50 over 4 to 8; 4x4 in steps of 2 105 to 125, and 5x5 95 to 120. Three quarters of
// the time are products, at 58 GFLOPS of about 65.

// Computes tiles of outputs [batch, outHeight, outWidth, outputs], whose pixels, lines and images are so many bytes
// apart, from frequencies of the filter at `packed`, which is at `kernel` with rows of so many bytes. 0 where not all
// is finite.
function convolveTiles(
  batch: i32,
  height: i32,
  width: i32,
  inputs: i32,
  outHeight: i32,
  outWidth: i32,
  outputs: i32,
  top: i32,
  left: i32,
  step: i32,
  x: usize,
  kernel: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  row: usize,
  packed: usize,
  packedPlane: usize,
  bias: usize,
  least: v128,
  y: usize,
  pixel: usize,
  line: usize,
  image: usize,
  space: usize,
  scratch: usize
): i32 {
  const depth = inputs * step * step, tiles = batch * down * across, block = blockTiles(tiles, depth, outputs)
  const inRow = rowBytes(depth), outRow = rowBytes(outputs), part = partSize(taps), edge = space + BETWEEN
  const inPlane = planeBytes(block, inRow), outPlane = planeBytes(block, outRow)
  const outFrequencies = scratch + <usize> planes() * inPlane, bytes = <usize> outputs << 2
  const inImage = <usize> (height * width) * <usize> inputs << 2
  for (let tile = 0; tile < tiles; tile += block) {
    const count = min(block, tiles - tile)
    // dprint-ignore
    transformTiles(
      false, tile, count, x, height, width, inputs, <usize> inputs << 2, top, left, step, scratch, inPlane, inRow, space
    )
    countTiles(tile, count)
    for (let i = 0; i < frequenciesDown; i++) {
      for (let j = 0; j < frequenciesAcross; j++) {
        const from = i < 4 ? 0 : first1, end = j < 4 ? i < 4 ? count : first3 : first2, f = <usize> (i * (taps + 3) + j)
        const a = scratch + f * inPlane + <usize> from * inRow,
          c = outFrequencies + f * outPlane + <usize> from * outRow
        if (from < end) product(end - from, padded(outputs), depth, a, inRow, packed + f * packedPlane, c, outRow)
      }
    }
    startTiles(tile)
    for (let i = 0; i < count; i++, nextTile()) {
      const wholeY = tileRow < wholeDown, wholeX = tileColumn < wholeAcross
      const y0 = tileStart(taps, wholeDown, tileRow), x0 = tileStart(taps, wholeAcross, tileColumn)
      const rows = wholeY ? 4 : part, columns = wholeX ? 4 : part
      const inside = y0 + rows <= outHeight && x0 + columns <= outWidth
      const to = y + <usize> tileImage * image + <usize> y0 * line + <usize> x0 * pixel
      const out = inside ? to : edge,
        nextPixel = inside ? pixel : bytes,
        nextLine = inside ? line : <usize> columns * bytes
      const from = outFrequencies + <usize> place() * outRow
      // dprint-ignore
      const squares = transformOutput(
        taps, wholeY, wholeX, from, outPlane, outputs, bias, least, out, nextPixel, nextLine, space
      )
      const rowsInside = min(rows, outHeight - y0), columnsInside = min(columns, outWidth - x0)
      if (!inside) {
        for (let i = 0; i < rowsInside; i++) {
          for (let j = 0; j < columnsInside; j++) {
            const at = to + <usize> i * line + <usize> j * pixel
            copyPixels(edge + <usize> i * nextLine + <usize> j * bytes, at, outputs)
          }
        }
      }
      if (!isLarge(squares, rows * columns * outputs / 4)) continue
      if (!areFinite(squares)) return 0
      // dprint-ignore
      repair(
        x + <usize> tileImage * inImage, height, width, inputs, y0 * step - top, x0 * step - left, step,
        rowsInside, columnsInside, kernel, kernelHeight, kernelWidth, row, outputs, bias, least, to, pixel, line, space
      )
    }
  }
  return 1
}

/**
 * The convolution of x, [batch, height, width, inputs], with a filter [kernelHeight, kernelWidth, inputs, outputs] in
 * steps of `stride`, 1 or 2, to y, [batch, outHeight, outWidth, outputs], with `top` and `left` zeros before it.
 * `kernelTaps` is 2 or 3, and at least the kernel's size divided by the stride. The bias, of [outputs], may be 0, for
 * none; the activation is none or 1, for relu. Images are independent of each other: fewer of them at once give the
 * same. Whether all of y is finite.
 */
export function winograd(
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
  x: usize,
  filter: usize,
  bias: usize,
  activation: i32,
  y: usize,
  scratch: usize
): i32 {
  tileOutputs(kernelTaps, isExact, outHeight, outWidth)
  const depth = inputs * stride * stride, columns = padded(outputs)
  const raw = scratch + edgeBytes(depth, outputs)
  const packed = raw + <usize> (taps * taps * inputs * columns << 2)
  const plane = planeBytes(depth, <usize> columns << 2)
  for (let phase = 0; phase < stride * stride; phase++) {
    const first = phase / stride, second = phase % stride
    // dprint-ignore
    layFilter(
      taps, filter, kernelHeight, kernelWidth, inputs, outputs, first, second, stride, false, columns, raw
    )
    storeFilter(taps, raw, phase * inputs, inputs, depth, columns, packed, plane, scratch)
  }
  const pixel = <usize> outputs << 2, line = <usize> outWidth * pixel
  const least = f32x4.splat(activation ? 0 : -Infinity)
  // dprint-ignore
  return convolveTiles(
    batch, height, width, inputs, outHeight, outWidth, outputs, top, left, stride, x,
    filter, kernelHeight, kernelWidth, pixel, packed, plane, bias, least, y, pixel, line, <usize> outHeight * line, scratch, packed + <usize> planes() * plane
  )
}

/**
 * The gradient of that convolution by x, from dy, [batch, outHeight, outWidth, outputs]. Whether all of it is finite.
 */
export function winogradInputGradient(
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
  dy: usize,
  filter: usize,
  dx: usize,
  scratch: usize
): i32 {
  const columns = padded(inputs), pixel = <usize> inputs << 2, line = <usize> width * pixel
  const least = f32x4.splat(-Infinity)
  let finite = 1
  for (let phase = 0; phase < stride * stride; phase++) {
    const p = phase / stride, q = phase % stride
    // The pixels of x under these taps: those from y0 and x0 on, which `i` and `j` outputs come before.
    const i = max(0, (top - p + stride - 1) / stride), j = max(0, (left - q + stride - 1) / stride)
    const y0 = i * stride + p - top, x0 = j * stride + q - left
    if (y0 >= height || x0 >= width) continue
    const rows = (height - y0 + stride - 1) / stride, across = (width - x0 + stride - 1) / stride
    tileOutputs(kernelTaps, isExact, rows, across)
    const raw = scratch + edgeBytes(outputs, inputs)
    const packed = raw + <usize> (taps * taps * outputs * columns << 2)
    const plane = planeBytes(outputs, <usize> columns << 2)
    layFilter(taps, filter, kernelHeight, kernelWidth, inputs, outputs, p, q, stride, true, columns, raw)
    storeFilter(taps, raw, 0, outputs, outputs, columns, packed, plane, scratch)
    // dprint-ignore
    finite &= convolveTiles(
      batch, outHeight, outWidth, outputs, rows, across, inputs, taps - 1 - i, taps - 1 - j, 1, dy,
      raw, taps, taps, <usize> columns << 2, packed, plane, 0, least,
      dx + <usize> y0 * line + <usize> x0 * pixel, <usize> stride * pixel, <usize> stride * line, <usize> height * line,
      scratch, packed + <usize> planes() * plane
    )
  }
  return finite
}
