import { copyTile, partSize, partTiles, tileStart, wholeTiles } from "./tiles"
import { BETWEEN, transformGradient, transformInput } from "./transforms"

// The tiles of the convolution that winograd.ts computes next, and where their frequencies lie: planes
// [frequencies][tiles] of rows of channels. This is all the state that there is between functions, and it is set anew
// by each that is exported.

export let taps: i32 = 0

// Of the output: tiles down and across, how many of them are whole, and the frequencies of each axis.
export let wholeDown: i32 = 0
export let wholeAcross: i32 = 0
export let down: i32 = 0
export let across: i32 = 0
export let frequenciesDown: i32 = 0
export let frequenciesAcross: i32 = 0

// Bytes of frequency planes of input and output that are worked on together.
const TOGETHER: usize = 1 << 20

// Planes whose distance is a multiple of 4 KB share few sets of the first-level cache.
export function planeBytes(rows: i32, row: usize): usize {
  return ((<usize> rows * row + 4095) & ~4095) + 192
}

// So do rows whose distance is a multiple of 256 bytes.
export function rowBytes(floats: i32): usize {
  const padded = (floats + 7) & ~7
  return <usize> (padded % 64 == 0 ? padded + 8 : padded) << 2
}

export function padded(columns: i32): i32 {
  return (columns + 7) & ~7
}

export function planes(): i32 {
  return (taps + 3) * (taps + 3)
}

function mostTiles(depth: i32, outputs: i32): i32 {
  return max(48, <i32> (TOGETHER / ((rowBytes(depth) + rowBytes(outputs)) * <usize> planes())))
}

// Whole images where they fit, so that parts are alike in each block.
export function blockTiles(tiles: i32, depth: i32, outputs: i32): i32 {
  const fit = mostTiles(depth, outputs), image = down * across
  return min(tiles, image <= fit ? fit / image * image : fit)
}

export function tileOutputs(kernelTaps: i32, isExact: i32, height: i32, width: i32): void {
  taps = kernelTaps
  wholeDown = wholeTiles(taps, isExact, height)
  wholeAcross = wholeTiles(taps, isExact, width)
  down = wholeDown + partTiles(taps, wholeDown, height)
  across = wholeAcross + partTiles(taps, wholeAcross, width)
  frequenciesDown = wholeDown > 0 ? taps + 3 : 4
  frequenciesAcross = wholeAcross > 0 ? taps + 3 : 4
}

export function edgeBytes(depth: i32, outputs: i32): usize {
  return BETWEEN + <usize> planes() * rowBytes(max(depth, outputs))
}

/**
 * The bytes of scratch space that the functions below need, for sums over `depth` inputs, those of all phases of a
 * stride.
 */
export function winogradScratch(kernelTaps: i32, depth: i32, outputs: i32): usize {
  taps = kernelTaps
  const block = mostTiles(depth, outputs)
  const planeSum = planeBytes(block, rowBytes(depth)) + planeBytes(block, rowBytes(outputs))
    + planeBytes(depth, rowBytes(outputs))
  return edgeBytes(depth, outputs) + <usize> (taps * taps * depth) * rowBytes(outputs) + <usize> planes() * planeSum
}

// Where the tiles of a block go: parts down first, then whole ones, then parts across, then parts in both directions.
// Each frequency then concerns a run of tiles.
export let first0: i32 = 0
export let first1: i32 = 0
export let first2: i32 = 0
export let first3: i32 = 0

export let tileRow: i32 = 0
export let tileColumn: i32 = 0
export let tileImage: i32 = 0

export function startTiles(tile: i32): void {
  tileColumn = tile % across
  tileRow = tile / across % down
  tileImage = tile / across / down
}

export function nextTile(): void {
  if (++tileColumn < across) return
  tileColumn = 0
  if (++tileRow < down) return
  tileRow = 0
  tileImage++
}

export function countTiles(tile: i32, count: i32): void {
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

export function place(): i32 {
  if (tileRow >= wholeDown) return tileColumn >= wholeAcross ? first3++ : first0++
  return tileColumn >= wholeAcross ? first2++ : first1++
}

// Transforms `count` tiles from `tile` on: of the input under them, where `step` pixels lie between neighbors and each
// of step * step phases has its own channels, or of their gradients.
export function transformTiles(
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
