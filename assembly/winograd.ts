import { copyPixels, copyTile, partSize, partTiles, tileStart, wholeTiles } from "./tiles"
import { BETWEEN, transformGradient, transformInput, transformOutput, transformTaps } from "./transforms"
import { layFilter, storeFilter, storeTaps } from "./winogradFilters"
import { addProduct, product } from "./winogradProducts"

let taps: i32 = 0
let exact: i32 = 0

// Of the output: tiles down and across, how many of them are whole, and the frequencies of each axis.
let wholeDown: i32 = 0
let wholeAcross: i32 = 0
let down: i32 = 0
let across: i32 = 0
let frequenciesDown: i32 = 0
let frequenciesAcross: i32 = 0

// Bytes of frequency planes of input and output that are worked on together.
const TOGETHER: usize = 1 << 20

// Planes whose distance is a multiple of 4 KB share few sets of the first-level cache.
function planeBytes(rows: i32, row: usize): usize {
  return ((<usize> rows * row + 4095) & ~4095) + 192
}

// So do rows whose distance is a multiple of 256 bytes.
function rowBytes(floats: i32): usize {
  const padded = (floats + 7) & ~7
  return <usize> (padded % 64 == 0 ? padded + 8 : padded) << 2
}

function padded(columns: i32): i32 {
  return (columns + 7) & ~7
}

function planes(): i32 {
  return (taps + 3) * (taps + 3)
}

function mostTiles(depth: i32, outputs: i32): i32 {
  return max(48, <i32> (TOGETHER / ((rowBytes(depth) + rowBytes(outputs)) * <usize> planes())))
}

// Whole images where they fit, so that parts are alike in each block.
function blockTiles(tiles: i32, depth: i32, outputs: i32): i32 {
  const fit = mostTiles(depth, outputs), image = down * across
  return min(tiles, image <= fit ? fit / image * image : fit)
}

function tileOutputs(kernelTaps: i32, isExact: i32, height: i32, width: i32): void {
  taps = kernelTaps
  exact = isExact
  wholeDown = wholeTiles(taps, exact, height)
  wholeAcross = wholeTiles(taps, exact, width)
  down = wholeDown + partTiles(taps, wholeDown, height)
  across = wholeAcross + partTiles(taps, wholeAcross, width)
  frequenciesDown = wholeDown > 0 ? taps + 3 : 4
  frequenciesAcross = wholeAcross > 0 ? taps + 3 : 4
}

function edgeBytes(depth: i32, outputs: i32): usize {
  return BETWEEN + <usize> planes() * rowBytes(max(depth, outputs))
}

/** The bytes of scratch space that the functions below need, for sums over `depth` inputs, those of all phases of a stride. */
export function winogradScratch(kernelTaps: i32, depth: i32, outputs: i32): usize {
  taps = kernelTaps
  const block = mostTiles(depth, outputs)
  const planeSum = planeBytes(block, rowBytes(depth)) + planeBytes(block, rowBytes(outputs))
    + planeBytes(depth, rowBytes(outputs))
  return edgeBytes(depth, outputs) + <usize> (taps * taps * depth) * rowBytes(outputs) + <usize> planes() * planeSum
}

// Where the tiles of a block go: parts down first, then whole ones, then parts across, then parts in both directions. Each
// frequency then concerns a run of tiles.
let first0: i32 = 0
let first1: i32 = 0
let first2: i32 = 0
let first3: i32 = 0

let tileRow: i32 = 0
let tileColumn: i32 = 0
let tileImage: i32 = 0

function startTiles(tile: i32): void {
  tileColumn = tile % across
  tileRow = tile / across % down
  tileImage = tile / across / down
}

function nextTile(): void {
  if (++tileColumn < across) return
  tileColumn = 0
  if (++tileRow < down) return
  tileRow = 0
  tileImage++
}

function countTiles(tile: i32, count: i32): void {
  let n0 = 0, n1 = 0, n2 = 0
  startTiles(tile)
  for (let i = 0; i < count; i++, nextTile()) {
    const part = tileRow >= wholeDown
    if (tileColumn >= wholeAcross) n2 += i32(!part)
    else if (part) n0++
    else n1++
  }
  first0 = 0
  first1 = n0
  first2 = n0 + n1
  first3 = first2 + n2
}

function place(): i32 {
  if (tileRow >= wholeDown) return tileColumn >= wholeAcross ? first3++ : first0++
  return tileColumn >= wholeAcross ? first2++ : first1++
}

// Transforms `count` tiles from `tile` on: of the input under them, where `step` pixels lie between neighbours and each of
// step * step phases has its own channels, or of their gradients.
function transformTiles(
  gradient: bool,
  tile: i32,
  count: i32,
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  pixel: usize,
  top: i32,
  left: i32,
  step: i32,
  to: usize,
  plane: usize,
  row: usize,
  space: usize
): void {
  const edge = space + BETWEEN, more = gradient ? 0 : taps - 1, part = partSize(taps)
  const image = <usize> (height * width) * pixel, bytes = <usize> channels << 2
  countTiles(tile, count)
  startTiles(tile)
  for (let i = 0; i < count; i++, nextTile()) {
    const wholeY = tileRow < wholeDown, wholeX = tileColumn < wholeAcross
    const rows = (wholeY ? 4 : part) + more, columns = (wholeX ? 4 : part) + more
    let out = to + <usize> place() * row
    for (let phase = 0; phase < step * step; phase++, out += bytes) {
      const y0 = tileStart(taps, wholeDown, tileRow) * step - top + phase / step
      const x0 = tileStart(taps, wholeAcross, tileColumn) * step - left + phase % step
      const base = x + <usize> tileImage * image
      let from = base + <usize> (y0 * width + x0) * pixel, next = <usize> step * pixel, line = <usize> width * next
      if (y0 < 0 || x0 < 0 || y0 + (rows - 1) * step >= height || x0 + (columns - 1) * step >= width) {
        copyTile(base, height, width, channels, pixel, y0, x0, step, rows, columns, edge)
        from = edge
        next = bytes
        line = <usize> columns * bytes
      }
      if (gradient) transformGradient(taps, wholeY, wholeX, from, next, line, channels, out, plane, space)
      else transformInput(taps, wholeY, wholeX, from, next, line, channels, out, plane, space)
    }
  }
}

// Computes tiles of outputs [batch, outHeight, outWidth, outputs], whose pixels, lines and images are so many bytes apart,
// from frequencies of the filter at `packed`.
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
  let check = f32x4.splat(0)
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
      check = f32x4.add(check, transformOutput(
        taps, wholeY, wholeX, from, outPlane, outputs, bias, least, out, nextPixel, nextLine, space
      ))
      if (inside) continue
      for (let row = 0; row < min(rows, outHeight - y0); row++) {
        for (let column = 0; column < min(columns, outWidth - x0); column++) {
          const at = to + <usize> row * line + <usize> column * pixel
          copyPixels(edge + <usize> row * nextLine + <usize> column * bytes, at, outputs)
        }
      }
    }
  }
  return i32(v128.all_true<i32>(f32x4.eq(check, f32x4.splat(0))))
}

/** Whether all of y is finite. */
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
    batch, height, width, inputs, outHeight, outWidth, outputs, top, left, stride, x, packed, plane, bias, least,
    y, pixel, line, <usize> outHeight * line, scratch, packed + <usize> planes() * plane
  )
}

/** The gradient of that convolution by x, from dy, [batch, outHeight, outWidth, outputs]. Whether all of it is finite. */
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
      batch, outHeight, outWidth, outputs, rows, across, inputs, taps - 1 - i, taps - 1 - j, 1, dy, packed, plane, 0, least,
      dx + <usize> y0 * line + <usize> x0 * pixel, <usize> stride * pixel, <usize> stride * line, <usize> height * line,
      scratch, packed + <usize> planes() * plane
    )
  }
  return finite
}

/**
 * The gradient by the filter, of `inputs` of the `allInputs` channels that pixels of x and taps of dFilter have. Whether all
 * of it is finite. What it sums in which order does not depend on how many channels are computed together.
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
  let check = f32x4.splat(0)
  for (let phase = 0; phase < stride * stride; phase++) {
    const p = phase / stride, q = phase % stride, from = sums + <usize> (phase * inputs) * outRow
    check = f32x4.add(check, transformTaps(taps, from, plane, inputs * columns, raw, scratch))
    storeTaps(taps, raw, columns, kernelHeight, kernelWidth, inputs, outputs, p, q, stride, tap, dFilter)
  }
  return i32(v128.all_true<i32>(f32x4.eq(check, f32x4.splat(0))))
}
