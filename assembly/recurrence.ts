import { DEPTH, multiply, packB, packTransposedB, WIDTH } from "./gemm"
import { gruRow, gruRowGradient } from "./gru"
import { lstmRow, lstmRowGradient } from "./lstm"
import { rnnRow, rnnRowGradient } from "./rnn"
import { loadUpTo4, storeUpTo4 } from "./tail"

// Recurrent layers. What comes of x is computed before, for all steps at once; here each step adds the product of the
// last hidden state with the recurrent kernel, which is packed once. Rows of a batch do not depend on each other: some
// of them go through all steps together, with their states in the cache, and threads take rows.

// Rows that go together.
const ROWS = 96

// The cells.
const LSTM = 2
const GRU = 3

const TILE: usize = 12 * 8 * 4

/** The parts of which the numbers of a cell consist, each of so many floats as there are units. */
function gatesOf(cell: i32): i32 {
  return cell == LSTM ? 4 : cell == GRU ? 3 : 1
}

/** As many of what is kept for the gradient, besides the hidden states. */
function keptOf(cell: i32): i32 {
  return cell == LSTM ? 5 : cell == GRU ? 4 : 0
}

/** The bytes that a matrix takes when it is packed whole. */
export function packedBytes(depth: i32, columns: i32): i32 {
  return depth * ((columns + 7) & ~7) * 4
}

/** Packs a matrix of [depth, columns], or one that lies transposed, block by block as `packedProduct` reads it. */
export function packWhole(transposed: i32, depth: i32, columns: i32, b: usize, ldb: i32, to: usize): void {
  for (let left = 0; left < columns; left += WIDTH) {
    const width = min(WIDTH, columns - left)
    for (let top = 0; top < depth; top += DEPTH) {
      const height = min(DEPTH, depth - top)
      if (transposed) packTransposedB(height, width, b + at(left, top, ldb), ldb, to)
      else packB(height, width, b + at(top, left, ldb), ldb, to)
      to += <usize> packedBytes(height, width)
    }
  }
}

/** C = A B, of a B that is packed whole; rows lie side by side. */
function packedProduct(rows: i32, depth: i32, columns: i32, a: usize, packed: usize, c: usize, tile: usize): void {
  for (let left = 0; left < columns; left += WIDTH) {
    const width = min(WIDTH, columns - left)
    for (let top = 0; top < depth; top += DEPTH) {
      const height = min(DEPTH, depth - top), to = c + (<usize> left << 2), from = a + (<usize> top << 2)
      const stride = <usize> depth << 2, panel = <usize> height << 5
      multiply(0, rows, width, height, from, stride, packed, 32, panel, to, columns, i32(top > 0), tile)
      packed += <usize> packedBytes(height, width)
    }
  }
}

function at(row: i32, column: i32, stride: i32): usize {
  return (<usize> row * <usize> stride + <usize> column) << 2
}

// Adds b, and c where there is one, to a.
function plus(count: i32, a: usize, b: usize, c: usize): void {
  for (let left = count; left > 0; left -= 4, a += 16, b += 16) {
    let sum = f32x4.add(loadUpTo4(a, left), loadUpTo4(b, left))
    if (c) {
      sum = f32x4.add(sum, loadUpTo4(c, left))
      c += 16
    }
    storeUpTo4(a, left, sum)
  }
}

/** The bytes of scratch space that so many rows need in either direction. */
export function recurrenceScratch(cell: i32, rows: i32, units: i32): i32 {
  return <i32> TILE + min(rows, ROWS) * units * 4 * (gatesOf(cell) + 3)
}

// Whether a step of a row counts.
function counts(mask: usize, row: i32, step: i32, time: i32): bool {
  return mask == 0 || load<f32>(mask + at(row, step, time)) > 0
}

/**
 * The hidden states of [rows, time, units], from x of [rows, time, gates units] and the packed recurrent kernel of
 * [units, gates units]; in the direction of time, or against it. Where a mask of [rows, time] is 0 the state stays. The
 * last cells go to `last`, and what the gradient needs to `kept`, of [rows, time, parts, units].
 */
export function recur(
  cell: i32,
  rows: i32,
  time: i32,
  units: i32,
  reverse: i32,
  x: usize,
  packed: usize,
  bias: usize,
  hidden: usize,
  cells: usize,
  mask: usize,
  out: usize,
  last: usize,
  kept: usize,
  scratch: usize
): void {
  const gates = gatesOf(cell), parts = keptOf(cell)
  const blocks = (rows + ROWS - 1) / ROWS
  for (let block = 0; block < blocks; block++) {
    const first = rows * block / blocks, some = rows * (block + 1) / blocks - first
    const bytes = at(some, 0, units)
    const h = scratch + TILE, c = h + bytes, z = c + bytes
    memory.copy(h, hidden + at(first, 0, units), bytes)
    if (cell == LSTM) memory.copy(c, cells + at(first, 0, units), bytes)
    for (let i = 0; i < time; i++) {
      const step = reverse ? time - 1 - i : i
      packedProduct(some, units, gates * units, h, packed, z, scratch)
      for (let row = 0; row < some; row++) {
        const place = (first + row) * time + step, hRow = h + at(row, 0, units), cRow = c + at(row, 0, units)
        const xRow = x + at(place, 0, gates * units), zRow = z + at(row, 0, gates * units)
        const keptRow = kept + at(place, 0, parts * units)
        if (counts(mask, first + row, step, time)) {
          if (cell == LSTM) lstmRow(units, xRow, zRow, cRow, hRow, keptRow)
          else if (cell == GRU) gruRow(units, xRow, zRow, bias, hRow, keptRow)
          else rnnRow(cell, units, xRow, zRow, hRow)
        } else if (cell == LSTM) {
          memory.fill(keptRow, 0, at(4, 0, units))
          memory.copy(keptRow + at(4, 0, units), cRow, at(1, 0, units))
        } else memory.fill(keptRow, 0, at(parts, 0, units))
        memory.copy(out + at(place, 0, units), hRow, at(1, 0, units))
      }
    }
    if (cell == LSTM) memory.copy(last + at(first, 0, units), c, bytes)
  }
}

/**
 * The gradients by x, by what the recurrent kernel gives (which are the same but for a GRU, where they go to `dz`), and
 * by the first states. `packed` is the transposed recurrent kernel.
 */
export function recurGradient(
  cell: i32,
  rows: i32,
  time: i32,
  units: i32,
  reverse: i32,
  packed: usize,
  hidden: usize,
  cells: usize,
  mask: usize,
  out: usize,
  kept: usize,
  dout: usize,
  dlast: usize,
  dx: usize,
  dz: usize,
  dhidden: usize,
  dcells: usize,
  scratch: usize
): void {
  const gates = gatesOf(cell), parts = keptOf(cell), width = at(1, 0, units)
  const blocks = (rows + ROWS - 1) / ROWS
  for (let block = 0; block < blocks; block++) {
    const first = rows * block / blocks, some = rows * (block + 1) / blocks - first
    const bytes = at(some, 0, units)
    // Of the state that a step leaves: what comes of later steps through the product, and what comes past it.
    const dh = scratch + TILE, past = dh + bytes, dc = past + bytes, z = dc + bytes
    memory.fill(dh, 0, 2 * bytes)
    if (cell == LSTM) memory.copy(dc, dlast + at(first, 0, units), bytes)
    for (let i = 0; i < time; i++) {
      const step = reverse ? i : time - 1 - i, isFirst = i == time - 1
      const before = reverse ? step + 1 : step - 1
      for (let row = 0; row < some; row++) {
        const place = (first + row) * time + step, previous = (first + row) * time + before
        const dhRow = dh + at(row, 0, units), pastRow = past + at(row, 0, units), dcRow = dc + at(row, 0, units)
        const zRow = z + at(row, 0, gates * units), dxRow = dx + at(place, 0, gates * units)
        const keptRow = kept + at(place, 0, parts * units)
        plus(units, pastRow, dhRow, dout + at(place, 0, units))
        if (!counts(mask, first + row, step, time)) {
          memory.fill(zRow, 0, at(gates, 0, units))
          memory.fill(dxRow, 0, at(gates, 0, units))
        } else if (cell == LSTM) {
          const c = isFirst ? cells + at(first + row, 0, units) : kept + at(previous, 0, parts * units) + 4 * width
          lstmRowGradient(units, keptRow, c, pastRow, dcRow, zRow)
          memory.copy(dxRow, zRow, at(gates, 0, units))
        } else if (cell == GRU) {
          const h = isFirst ? hidden + at(first + row, 0, units) : out + at(previous, 0, units)
          gruRowGradient(units, keptRow, h, pastRow, dxRow, zRow)
        } else {
          rnnRowGradient(cell, units, out + at(place, 0, units), pastRow, zRow)
          memory.copy(dxRow, zRow, at(gates, 0, units))
        }
        if (cell == GRU) memory.copy(dz + at(place, 0, gates * units), zRow, at(gates, 0, units))
      }
      packedProduct(some, gates * units, units, z, packed, dh, scratch)
    }
    for (let row = 0; row < some; row++) {
      const to = dhidden + at(first + row, 0, units)
      memory.copy(to, past + at(row, 0, units), width)
      plus(units, to, dh + at(row, 0, units), 0)
    }
    if (cell == LSTM) memory.copy(dcells + at(first, 0, units), dc, bytes)
  }
}
