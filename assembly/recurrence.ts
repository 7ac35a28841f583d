import { gruRow } from "./gru"
import { lstmRow } from "./lstm"
import { at, packedBytes, packedProduct } from "./packed"
import { rnnRow } from "./rnn"

// Recurrent layers. Rows of a batch do not depend on each other: some of them go through all steps together, with their
// states in the cache, and threads take rows. Both kernels are packed once, and what they give goes no further than the
// cache.

// Rows that go together.
const ROWS = 96

// Bytes of a kernel that stay in the cache beside all else, and rows for which a larger one is read.
const NEAR = 262144
const MANY = 384

// The cells.
export const LSTM = 2
export const GRU = 3

export const TILE: usize = 12 * 8 * 4

/** The parts of which the numbers of a cell consist, each of so many floats as there are units. */
export function gatesOf(cell: i32): i32 {
  return cell == LSTM ? 4 : cell == GRU ? 3 : 1
}

/** As many of what is kept for the gradient, besides the hidden states. */
export function keptOf(cell: i32): i32 {
  return cell == LSTM ? 5 : cell == GRU ? 4 : 0
}

/** How many blocks there are of rows that go together. */
export function blocksOf(rows: i32): i32 {
  return (rows + ROWS - 1) / ROWS
}

/** How far rows of so many floats lie apart: those that follow each other fall into different sets of the cache. */
export function apart(width: i32): i32 {
  return ((width + 15) & ~15) + 16
}

// How many steps of x are multiplied at once: several where its kernel is not in the second-level cache and is better
// read for some hundreds of rows.
function stepsOf(rows: i32, time: i32, kernel: i32): i32 {
  return kernel <= NEAR ? 1 : min(time, (MANY + rows - 1) / rows)
}

/** The bytes of scratch space that so many rows need in either direction. */
export function recurrenceScratch(cell: i32, rows: i32, time: i32, features: i32, units: i32): i32 {
  const most = min(rows, ROWS), all = (cell == GRU ? 4 : gatesOf(cell)) * units
  const steps = stepsOf(most, time, packedBytes(features, gatesOf(cell) * units)) + (rows > ROWS ? 1 : 0)
  const ofSteps = min(steps, time) * (apart(all) + apart(features))
  return <i32> TILE + 5 * units * 4 + most * 4 * (3 * apart(units) + ofSteps)
}

/** Whether a step of a row counts. */
export function counts(mask: usize, row: i32, step: i32, time: i32): bool {
  return mask == 0 || load<f32>(mask + at(row, step, time)) > 0
}

/** Copies rows that lie so many floats apart. */
export function copyRows(rows: i32, width: i32, from: usize, fromStride: i32, to: usize, toStride: i32): void {
  for (let row = 0; row < rows; row++) {
    memory.copy(to + at(row, 0, toStride), from + at(row, 0, fromStride), at(1, 0, width))
  }
}

// Adds what the hidden states give to what x gives; for the candidate of a GRU it stands apart.
function addState(cell: i32, rows: i32, units: i32, h: usize, packed: usize, z: usize, ldz: i32, tile: usize): void {
  const ldh = apart(units), together = cell == GRU ? 2 * units : gatesOf(cell) * units
  packedProduct(rows, units, together, h, ldh, packed, z, ldz, 1, tile)
  if (cell != GRU) return
  const candidate = packed + <usize> packedBytes(units, together)
  packedProduct(rows, units, units, h, ldh, candidate, z + at(3, 0, units), ldz, 0, tile)
}

/**
 * The hidden states of [rows, time, units], from x of [rows, time, features], the packed kernels of [features, gates
 * units] and of [units, gates units] (for a GRU that of its gates and that of its candidate), and a bias; in the
 * direction of time, or against it. Where a mask of [rows, time] is 0 the state stays. The last hidden states go to
 * `end`, the last cells to `last`, and what the gradient needs to `kept`, of [rows, time, parts, units], unless that is 0.
 */
export function recur(
  cell: i32,
  rows: i32,
  time: i32,
  features: i32,
  units: i32,
  reverse: i32,
  x: usize,
  packedX: usize,
  packed: usize,
  bias: usize,
  innerBias: usize,
  hidden: usize,
  cells: usize,
  mask: usize,
  out: usize,
  end: usize,
  last: usize,
  kept: usize,
  scratch: usize
): void {
  const parts = keptOf(cell) * units, width = at(1, 0, units), all = gatesOf(cell) * units
  const ldh = apart(units), ldx = apart(features), ldz = apart(cell == GRU ? 4 * units : all), blocks = blocksOf(rows)
  for (let block = 0; block < blocks; block++) {
    const first = rows * block / blocks, some = rows * (block + 1) / blocks - first
    const steps = stepsOf(some, time, packedBytes(features, all)), bytes = at(some, 0, ldh)
    const nowhere = scratch + TILE, h = nowhere + at(1, 0, parts), c = h + bytes, zs = c + bytes
    const xs = zs + at(some * steps, 0, ldz)
    copyRows(some, units, hidden + at(first, 0, units), units, h, ldh)
    if (cell == LSTM) copyRows(some, units, cells + at(first, 0, units), units, c, ldh)
    for (let i = 0; i < time; i++) {
      const step = reverse ? time - 1 - i : i, place = i % steps, z = zs + at(place * some, 0, ldz)
      if (place == 0) {
        const next = min(steps, time - i)
        for (let j = 0; j < next; j++) {
          const from = x + at(first * time + (reverse ? step - j : step + j), 0, features)
          copyRows(some, features, from, time * features, xs + at(j * some, 0, ldx), ldx)
        }
        packedProduct(next * some, features, all, xs, ldx, packedX, z, ldz, 0, scratch)
      }
      addState(cell, some, units, h, packed, z, ldz, scratch)
      for (let row = 0; row < some; row++) {
        const where = (first + row) * time + step, hRow = h + at(row, 0, ldh), cRow = c + at(row, 0, ldh)
        const zRow = z + at(row, 0, ldz), outRow = out + at(where, 0, units)
        const keptRow = kept ? kept + at(where, 0, parts) : nowhere
        if (counts(mask, first + row, step, time)) {
          if (cell == LSTM) lstmRow(units, bias, zRow, cRow, hRow, keptRow, outRow)
          else if (cell == GRU) gruRow(units, bias, zRow, innerBias, hRow, keptRow, outRow)
          else rnnRow(cell, units, bias, zRow, hRow, outRow)
          continue
        }
        memory.copy(outRow, hRow, width)
        memory.fill(keptRow, 0, at(1, 0, parts))
        if (cell == LSTM) memory.copy(keptRow + 4 * width, cRow, width)
      }
    }
    copyRows(some, units, h, ldh, end + at(first, 0, units), units)
    if (cell == LSTM) copyRows(some, units, c, ldh, last + at(first, 0, units), units)
  }
}
