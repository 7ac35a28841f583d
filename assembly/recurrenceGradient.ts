import { gruRowGradient } from "./gru"
import { lstmRowGradient } from "./lstm"
import { at, packedProduct } from "./packed"
import { apart, blocksOf, copyRows, counts, gatesOf, GRU, keptOf, LSTM, TILE } from "./recurrence"
import { rnnRowGradient } from "./rnn"
import { faded } from "./slopesOfCells"
import { loadUpTo4, storeUpTo4 } from "./tail"

// Adds b, and c where there is one, to a.
function plus(count: i32, a: usize, b: usize, c: usize): void {
  for (let left = count; left > 0; left -= 4, a += 16, b += 16) {
    let sum = f32x4.add(loadUpTo4(a, left), loadUpTo4(b, left))
    if (c) {
      sum = f32x4.add(sum, loadUpTo4(c, left))
      c += 16
    }
    storeUpTo4(a, left, faded(sum))
  }
}

/**
 * The gradients by what x gives, by what the recurrent kernel gives (which are the same but for a GRU, where they go to
 * `dz`), and by the first states, from those by all hidden states, unless `dout` is 0, by the last ones and by the last
 * cells. `packed` is the transposed recurrent kernel.
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
  dend: usize,
  dlast: usize,
  dx: usize,
  dz: usize,
  dhidden: usize,
  dcells: usize,
  scratch: usize
): void {
  const all = gatesOf(cell) * units, parts = keptOf(cell) * units, width = at(1, 0, units)
  const ldh = apart(units), ldz = apart(all), blocks = blocksOf(rows)
  for (let block = 0; block < blocks; block++) {
    const first = rows * block / blocks, some = rows * (block + 1) / blocks - first, bytes = at(some, 0, ldh)
    // Of the state that a step leaves: what comes of later steps through the product, and what comes past it.
    const none = scratch + TILE, dh = none + width, past = dh + bytes, dc = past + bytes, z = dc + bytes
    memory.fill(none, 0, width + bytes)
    copyRows(some, units, dend + at(first, 0, units), units, past, ldh)
    if (cell == LSTM) copyRows(some, units, dlast + at(first, 0, units), units, dc, ldh)
    for (let i = 0; i < time; i++) {
      const step = reverse ? i : time - 1 - i, isFirst = i == time - 1
      const before = reverse ? step + 1 : step - 1
      for (let row = 0; row < some; row++) {
        const place = (first + row) * time + step, previous = (first + row) * time + before
        const dhRow = dh + at(row, 0, ldh), pastRow = past + at(row, 0, ldh), zRow = z + at(row, 0, ldz)
        const keptRow = kept + at(place, 0, parts),
          doutRow = dout ? dout + at(place, 0, units) : none,
          dxRow = dx + at(place, 0, all)
        if (!counts(mask, first + row, step, time)) {
          plus(units, pastRow, dhRow, doutRow)
          memory.fill(zRow, 0, at(1, 0, all))
          memory.fill(dxRow, 0, at(1, 0, all))
          if (cell == GRU) memory.fill(dz + at(place, 0, all), 0, at(1, 0, all))
        } else if (cell == LSTM) {
          const c = isFirst ? cells + at(first + row, 0, units) : kept + at(previous, 0, parts) + 4 * width
          lstmRowGradient(units, keptRow, c, doutRow, dhRow, pastRow, dc + at(row, 0, ldh), zRow, dxRow)
        } else if (cell == GRU) {
          const h = isFirst ? hidden + at(first + row, 0, units) : out + at(previous, 0, units)
          gruRowGradient(units, keptRow, h, doutRow, dhRow, pastRow, zRow, dxRow, dz + at(place, 0, all))
        } else rnnRowGradient(cell, units, out + at(place, 0, units), doutRow, dhRow, pastRow, zRow, dxRow)
      }
      packedProduct(some, all, units, z, ldz, packed, dh, ldh, 0, scratch)
    }
    for (let row = 0; row < some; row++) plus(units, past + at(row, 0, ldh), dh + at(row, 0, ldh), 0)
    copyRows(some, units, past, ldh, dhidden + at(first, 0, units), units)
    if (cell == LSTM) copyRows(some, units, dc, ldh, dcells + at(first, 0, units), units)
  }
}
