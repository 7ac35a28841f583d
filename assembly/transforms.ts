// dprint-ignore-file: lines are longer where a case takes one
import { filter2, gradient2, input2, output2, taps2 } from "./twoTaps"
import { filter3, gradient3, input3, output3, taps3 } from "./threeTaps"
import { madd } from "./simd"

// The transforms of Winograd's algorithms in two dimensions, over 2x2 or 3x3 taps: one of the columns of a tile, into
// `between`, and then one of the rows, for four channels at a time. Where channels are no multiple of 4, the last
// vector overlaps the one before. Tiles may be parts in either direction. `pixel` and `line` are the distances of
// neighbors in an image, `plane` that of frequencies, which lie as [down][across], all in bytes.

/** The bytes at `between` that the transforms need. */
export const BETWEEN: usize = 36 * 16

/** B^T d B: the frequencies of the input under a tile. */
export function transformInput(
  taps: i32, down: bool, across: bool,
  tile: usize, pixel: usize, line: usize, channels: i32, to: usize, plane: usize, between: usize
): void {
  const last = <usize> (channels - 4) << 2
  if (taps == 3) {
    const rows: usize = down ? 6 : 4, columns: usize = across ? 6 : 4
    for (let c: usize = 0;; c = min(c + 16, last)) {
      if (down) for (let i: usize = 0; i < columns; i++) input3(true, tile + c + i * pixel, line, between + 16 * i, 96)
      else for (let i: usize = 0; i < columns; i++) input3(false, tile + c + i * pixel, line, between + 16 * i, 96)
      let out = to + c
      if (across) for (let i: usize = 0; i < rows; i++, out += 6 * plane) input3(true, between + 96 * i, 16, out, plane)
      else for (let i: usize = 0; i < rows; i++, out += 6 * plane) input3(false, between + 96 * i, 16, out, plane)
      if (c == last) break
    }
    return
  }
  const rows: usize = down ? 5 : 4, columns: usize = across ? 5 : 4
  for (let c: usize = 0;; c = min(c + 16, last)) {
    if (down) for (let i: usize = 0; i < columns; i++) input2(true, tile + c + i * pixel, line, between + 16 * i, 80)
    else for (let i: usize = 0; i < columns; i++) input2(false, tile + c + i * pixel, line, between + 16 * i, 80)
    let out = to + c
    if (across) for (let i: usize = 0; i < rows; i++, out += 5 * plane) input2(true, between + 80 * i, 16, out, plane)
    else for (let i: usize = 0; i < rows; i++, out += 5 * plane) input2(false, between + 80 * i, 16, out, plane)
    if (c == last) break
  }
}

/** A dy A^T: the frequencies of the gradient of a tile. */
export function transformGradient(
  taps: i32, down: bool, across: bool,
  tile: usize, pixel: usize, line: usize, filters: i32, to: usize, plane: usize, between: usize
): void {
  const last = <usize> (filters - 4) << 2
  if (taps == 3) {
    const rows: usize = down ? 6 : 4, columns: usize = across ? 4 : 2
    for (let c: usize = 0;; c = min(c + 16, last)) {
      if (down) for (let i: usize = 0; i < columns; i++) gradient3(true, tile + c + i * pixel, line, between + 16 * i, 64)
      else for (let i: usize = 0; i < columns; i++) gradient3(false, tile + c + i * pixel, line, between + 16 * i, 64)
      let out = to + c
      if (across) for (let i: usize = 0; i < rows; i++, out += 6 * plane) gradient3(true, between + 64 * i, 16, out, plane)
      else for (let i: usize = 0; i < rows; i++, out += 6 * plane) gradient3(false, between + 64 * i, 16, out, plane)
      if (c == last) break
    }
    return
  }
  const rows: usize = down ? 5 : 4, columns: usize = across ? 4 : 3
  for (let c: usize = 0;; c = min(c + 16, last)) {
    if (down) for (let i: usize = 0; i < columns; i++) gradient2(true, tile + c + i * pixel, line, between + 16 * i, 64)
    else for (let i: usize = 0; i < columns; i++) gradient2(false, tile + c + i * pixel, line, between + 16 * i, 64)
    let out = to + c
    if (across) for (let i: usize = 0; i < rows; i++, out += 5 * plane) gradient2(true, between + 64 * i, 16, out, plane)
    else for (let i: usize = 0; i < rows; i++, out += 5 * plane) gradient2(false, between + 64 * i, 16, out, plane)
    if (c == last) break
  }
}

/**
 * A^T m A: from the frequencies to a tile, plus the bias if there is one, but not below `least`. The sums of the
 * squares of what was not bounded yet.
 */
export function transformOutput(
  taps: i32, down: bool, across: bool,
  from: usize, plane: usize, channels: i32, bias: usize, least: v128,
  tile: usize, pixel: usize, line: usize, between: usize
): v128 {
  const last = <usize> (channels - 4) << 2, zero = f32x4.splat(0)
  let squares = zero
  if (taps == 3) {
    const rows: usize = down ? 4 : 2, columns: usize = across ? 6 : 4
    for (let c: usize = 0;; c = min(c + 16, last)) {
      let at = from + c
      if (down) for (let i: usize = 0; i < columns; i++, at += plane) output3(true, false, at, 6 * plane, zero, zero, between + 16 * i, 96)
      else for (let i: usize = 0; i < columns; i++, at += plane) output3(false, false, at, 6 * plane, zero, zero, between + 16 * i, 96)
      const offset = bias ? v128.load(bias + c) : zero
      let out = tile + c
      if (across) for (let i: usize = 0; i < rows; i++, out += line) squares = f32x4.add(squares, output3(true, true, between + 96 * i, 16, offset, least, out, pixel))
      else for (let i: usize = 0; i < rows; i++, out += line) squares = f32x4.add(squares, output3(false, true, between + 96 * i, 16, offset, least, out, pixel))
      if (c == last) break
    }
    return squares
  }
  const rows: usize = down ? 4 : 3, columns: usize = across ? 5 : 4
  for (let c: usize = 0;; c = min(c + 16, last)) {
    let at = from + c
    if (down) for (let i: usize = 0; i < columns; i++, at += plane) output2(true, false, at, 5 * plane, zero, zero, between + 16 * i, 80)
    else for (let i: usize = 0; i < columns; i++, at += plane) output2(false, false, at, 5 * plane, zero, zero, between + 16 * i, 80)
    const offset = bias ? v128.load(bias + c) : zero
    let out = tile + c
    if (across) for (let i: usize = 0; i < rows; i++, out += line) squares = f32x4.add(squares, output2(true, true, between + 80 * i, 16, offset, least, out, pixel))
    else for (let i: usize = 0; i < rows; i++, out += line) squares = f32x4.add(squares, output2(false, true, between + 80 * i, 16, offset, least, out, pixel))
    if (c == last) break
  }
  return squares
}

/**
 * G g G^T: the frequencies of filters, [taps, taps, depth, columns], where the taps are `tap` bytes apart, to panels of
 * 8 columns, [columns / 8][depth][8], which are `panel` bytes apart. Columns are a multiple of 8.
 */
export function transformFilter(
  taps: i32, filter: usize, tap: usize, depth: i32, columns: i32, to: usize, panel: usize, plane: usize, between: usize
): void {
  for (let k = 0; k < depth; k++, to += 32) {
    for (let o = 0, out = to; o < columns; o += 4, filter += 16, out += o & 4 ? 16 : panel - 16) {
      if (taps == 3) {
        for (let i: usize = 0; i < 3; i++) filter3(filter + i * tap, 3 * tap, between + 16 * i, 48)
        for (let i: usize = 0; i < 6; i++) filter3(between + 48 * i, 16, out + 6 * i * plane, plane)
      } else {
        for (let i: usize = 0; i < 2; i++) filter2(filter + i * tap, 2 * tap, between + 16 * i, 32)
        for (let i: usize = 0; i < 5; i++) filter2(between + 32 * i, 16, out + 5 * i * plane, plane)
      }
    }
  }
}

/** G^T s G: from the frequencies to the taps, and the sums of their squares. */
export function transformTaps(taps: i32, from: usize, plane: usize, count: i32, filter: usize, between: usize): v128 {
  const tap = <usize> count << 2, last = tap - 16
  let squares = f32x4.splat(0)
  for (let at: usize = 0;; at = min(at + 16, last)) {
    if (taps == 3) {
      for (let i: usize = 0; i < 6; i++) taps3(from + at + i * plane, 6 * plane, between + 16 * i, 96)
      for (let i: usize = 0; i < 3; i++) {
        squares = f32x4.add(squares, taps3(between + 96 * i, 16, filter + at + 3 * i * tap, tap))
      }
    } else {
      for (let i: usize = 0; i < 5; i++) taps2(from + at + i * plane, 5 * plane, between + 16 * i, 80)
      for (let i: usize = 0; i < 2; i++) {
        squares = f32x4.add(squares, taps2(between + 80 * i, 16, filter + at + 2 * i * tap, tap))
      }
    }
    if (at == last) break
  }
  return squares
}
