import { transpose4x4 } from "./gemm"
import { transformFilter } from "./transforms"

// The filters of Winograd's algorithms on their way to frequencies, and their gradients back. Of filters [kernelHeight,
// kernelWidth, inputs, outputs] those taps are taken that are `step` apart from a first one on.

/** Steps along the depth that are worked on together: a panel of 8 columns of them stays in the first-level cache. */
export const DEPTH = 256

/** Writes the frequencies of [taps, taps, count, columns] at `raw` to the rows from `first` on of packed planes. */
export function storeFilter(
  taps: i32,
  raw: usize,
  first: i32,
  count: i32,
  depth: i32,
  columns: i32,
  to: usize,
  plane: usize,
  between: usize
): void {
  const row = <usize> columns << 2, tap = <usize> count * row
  for (let k = first, end = first + count; k < end;) {
    const chunk = k / DEPTH * DEPTH, together = min(DEPTH, depth - chunk), rows = min(chunk + together, end) - k
    const out = to + <usize> chunk * row + (<usize> (k - chunk) << 5)
    transformFilter(taps, raw, tap, rows, columns, out, <usize> together << 5, plane, between)
    k += rows
    raw += <usize> rows * row
  }
}

/**
 * Copies the taps from [top, left] on to [taps, taps, depth, columns], with zeros for those that there are not and for
 * columns that there are not. Turned filters have their taps in reverse order, and each of them is transposed.
 */
export function layFilter(
  taps: i32,
  filter: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  inputs: i32,
  outputs: i32,
  top: i32,
  left: i32,
  step: i32,
  turned: bool,
  columns: i32,
  to: usize
): void {
  const tap = <usize> inputs * <usize> outputs << 2, rows = turned ? outputs : inputs
  const bytes = <usize> rows * <usize> columns << 2
  for (let i = 0; i < taps; i++) {
    for (let j = 0; j < taps; j++, to += bytes) {
      const y = top + step * (turned ? taps - 1 - i : i), x = left + step * (turned ? taps - 1 - j : j)
      if (y >= kernelHeight || x >= kernelWidth) {
        memory.fill(to, 0, bytes)
        continue
      }
      const from = filter + <usize> (y * kernelWidth + x) * tap
      if (turned) transpose(from, inputs, outputs, columns, to)
      else copyRows(from, <usize> outputs << 2, to, <usize> columns << 2, inputs)
    }
  }
}

function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32): void {
  const bytes = min(fromStride, toStride)
  if (fromStride == toStride) {
    memory.copy(to, from, <usize> rows * bytes)
    return
  }
  for (let row = 0; row < rows; row++, from += fromStride, to += toStride) {
    memory.copy(to, from, bytes)
    if (toStride > bytes) memory.fill(to + bytes, 0, toStride - bytes)
  }
}

// [rows, columns] to [columns, width], zeros from the column `rows` on.
function transpose(from: usize, rows: i32, columns: i32, width: i32, to: usize): void {
  const stride = <usize> columns << 2, toStride = <usize> width << 2
  let row = 0
  for (; row + 4 <= rows; row += 4) {
    const left = from + <usize> row * stride, out = to + (<usize> row << 2)
    let column = 0
    for (; column + 4 <= columns; column += 4) {
      transpose4x4(left + (<usize> column << 2), stride, out + <usize> column * toStride, toStride)
    }
    for (; column < columns; column++) {
      for (let i: usize = 0; i < 4; i++) {
        store<f32>(out + <usize> column * toStride + 4 * i, load<f32>(left + i * stride + (<usize> column << 2)))
      }
    }
  }
  for (; row < width; row++) {
    for (let column = 0; column < columns; column++) {
      const value: f32 = row < rows ? load<f32>(from + <usize> row * stride + (<usize> column << 2)) : 0
      store<f32>(to + <usize> column * toStride + (<usize> row << 2), value)
    }
  }
}

/** Copies gradients [taps, taps, inputs, columns] to the taps from [top, left] on that there are. */
export function storeTaps(
  taps: i32,
  from: usize,
  columns: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  inputs: i32,
  outputs: i32,
  top: i32,
  left: i32,
  step: i32,
  tap: usize,
  dFilter: usize
): void {
  const stride = <usize> columns << 2
  for (let i = 0; i < taps; i++) {
    for (let j = 0; j < taps; j++, from += <usize> inputs * stride) {
      const y = top + step * i, x = left + step * j
      if (y >= kernelHeight || x >= kernelWidth) continue
      copyRows(from, stride, dFilter + <usize> (y * kernelWidth + x) * tap, <usize> outputs << 2, inputs)
    }
  }
}
