// How Winograd's algorithms cut an axis of an output into tiles: whole ones of 4 pixels first, then parts of 2 pixels
// under 3 taps and of 3 pixels under 2 taps, which take fewer products for what whole tiles would exceed.

export function partSize(taps: i32): i32 {
  return taps == 3 ? 2 : 3
}

/** The number of whole tiles of an axis; an exact computation has parts alone. */
export function wholeTiles(taps: i32, exact: i32, size: i32): i32 {
  if (exact) return 0
  let best = 0, least = i32.MAX_VALUE
  for (let whole = max(0, size / 4 - 2); whole <= (size + 3) / 4; whole++) {
    const products = whole * (taps + 3) + partTiles(taps, whole, size) * 4
    if (products > least) continue
    best = whole
    least = products
  }
  return best
}

/** The products along an axis of so many outputs. */
export function winogradProducts(taps: i32, exact: i32, size: i32): i32 {
  const whole = wholeTiles(taps, exact, size)
  return whole * (taps + 3) + partTiles(taps, whole, size) * 4
}

/** The number of parts that follow so many whole tiles. */
export function partTiles(taps: i32, whole: i32, size: i32): i32 {
  const part = partSize(taps)
  return (max(0, size - 4 * whole) + part - 1) / part
}

/** Where a tile starts. */
export function tileStart(taps: i32, whole: i32, tile: i32): i32 {
  return tile <= whole ? 4 * tile : 4 * whole + partSize(taps) * (tile - whole)
}

/** Copies a multiple of 4 floats, or more than 4: the last vector overlaps the one before. */
export function copyPixels(from: usize, to: usize, floats: i32): void {
  const last = <usize> (floats - 4) << 2
  for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at))
  v128.store(to + last, v128.load(from + last))
}

/** Copies [rows, columns] pixels of an image, `step` apart, which lie partly outside, with zeros there. */
export function copyTile(
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  pixel: usize,
  y0: i32,
  x0: i32,
  step: i32,
  rows: i32,
  columns: i32,
  to: usize
): void {
  const bytes = <usize> channels << 2, line = <usize> columns * bytes, next = <usize> step * pixel
  // The columns inside.
  const first = min(columns, max(0, (step - 1 - x0) / step)),
    end = max(first, min(columns, (width - x0 + step - 1) / step))
  for (let row = 0, y = y0; row < rows; row++, y += step, to += line) {
    if (y < 0 || y >= height) {
      clear(to, line)
      continue
    }
    clear(to, <usize> first * bytes)
    let from = image + <usize> (y * width + x0 + first * step) * pixel, at = to + <usize> first * bytes
    for (let column = first; column < end; column++, from += next, at += bytes) copyPixels(from, at, channels)
    clear(at, <usize> (columns - end) * bytes)
  }
}

function clear(to: usize, bytes: usize): void {
  const end = to + bytes, zero = f32x4.splat(0)
  for (; to + 16 <= end; to += 16) v128.store(to, zero)
  for (; to < end; to += 4) store<f32>(to, 0)
}
