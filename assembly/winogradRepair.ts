import { madd } from "./simd"

// The transforms of a tile carry rounding errors of its largest value, some 2^-24 of it, to all of its outputs, also to
// those that do not see it. That only shows where values are large, which their squares tell for next to nothing: such
// tiles are looked at, and outputs that see far less than the tile holds are computed by the definition. An output then
// is exact to 2^-16 of the largest value that it sees, times its weights, or to 2^-16 as it is.

// How much larger a value may be than what an output sees.
const RANGE: f32 = 256

// So large are squares of outputs altogether that are looked at: one of 256, or all of 8.
const LARGE: f32 = 256 * 256
const USUAL: f32 = 8 * 8

/** Whether values are large, given the sums of the squares of so many in each lane: NaN is, too. */
export function isLarge(squares: v128, values: i32): bool {
  return !v128.all_true<i32>(f32x4.lt(squares, f32x4.splat(LARGE + USUAL * <f32> values)))
}

/** Whether sums of squares are finite, as then what was summed is. */
export function areFinite(squares: v128): bool {
  return v128.all_true<i32>(f32x4.lt(squares, f32x4.splat(Infinity)))
}

// The bits of the largest magnitude of so many values, of 4 or more: they are in order, NaN last.
function largest(at: usize, values: i32): i32 {
  const last = at + (<usize> (values - 4) << 2), magnitude = i32x4.splat(0x7fffffff)
  let most = v128.and(v128.load(last), magnitude)
  for (; at < last; at += 16) most = i32x4.max_s(most, v128.and(v128.load(at), magnitude))
  most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1))
  most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2))
  return i32x4.extract_lane(most, 0)
}

/**
 * Computes those of [rows, columns] outputs at `to` again that see far less than all together, of an image [height,
 * width, inputs] from [y0, x0] on, and a kernel [kernelHeight, kernelWidth, inputs, outputs] whose rows are `row` bytes
 * apart.
 */
export function repair(
  image: usize,
  height: i32,
  width: i32,
  inputs: i32,
  y0: i32,
  x0: i32,
  step: i32,
  rows: i32,
  columns: i32,
  kernel: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  row: usize,
  outputs: i32,
  bias: usize,
  least: v128,
  to: usize,
  pixel: usize,
  line: usize,
  space: usize
): void {
  const down = (rows - 1) * step + kernelHeight, across = (columns - 1) * step + kernelWidth
  let most = 0
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const inside = y0 + y >= 0 && y0 + y < height && x0 + x >= 0 && x0 + x < width
      const at = image + (<usize> ((y0 + y) * width + x0 + x) * <usize> inputs << 2),
        seen = inside ? largest(at, inputs) : 0
      store<i32>(space + (<usize> (y * across + x) << 2), seen)
      most = max(most, seen)
    }
  }
  const limit = reinterpret<f32>(most) / RANGE
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let seen = 0
      for (let y = i * step; y < i * step + kernelHeight; y++) {
        for (let x = j * step; x < j * step + kernelWidth; x++) {
          seen = max(seen, load<i32>(space + (<usize> (y * across + x) << 2)))
        }
      }
      if (reinterpret<f32>(seen) >= limit) continue
      const out = to + <usize> i * line + <usize> j * pixel, y = y0 + i * step, x = x0 + j * step
      // dprint-ignore
      define(image, height, width, inputs, y, x, kernel, kernelHeight, kernelWidth, row, outputs, bias, least, out)
    }
  }
}

// An output by the definition, four of its channels at a time; the last vector overlaps the one before.
function define(
  image: usize,
  height: i32,
  width: i32,
  inputs: i32,
  y0: i32,
  x0: i32,
  kernel: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  row: usize,
  outputs: i32,
  bias: usize,
  least: v128,
  to: usize
): void {
  const last = <usize> (outputs - 4) << 2
  for (let o: usize = 0;; o = min(o + 16, last)) {
    let sum = bias ? v128.load(bias + o) : f32x4.splat(0), weights = kernel + o
    for (let y = y0; y < y0 + kernelHeight; y++) {
      for (let x = x0; x < x0 + kernelWidth; x++) {
        const inside = y >= 0 && y < height && x >= 0 && x < width
        let at = image + (<usize> (y * width + x) * <usize> inputs << 2)
        for (let c = 0; c < inputs; c++, at += 4, weights += row) {
          if (inside) sum = madd(v128.load32_splat(at), v128.load(weights), sum)
        }
      }
    }
    v128.store(to + o, f32x4.pmax(least, sum))
    if (o == last) break
  }
}

// The exponent of the largest of some pixels that makes a sum over them depend on rounding errors of that one, above
// the mean exponent.
const WIDE = 10

/** Whether one of so many pixels is far larger than most others that are not 0; `pixel` bytes lie between them. */
export function isWide(x: usize, pixels: i32, channels: i32, pixel: usize): bool {
  let most = 0, sum: i64 = 0, count = 0
  for (let i = 0; i < pixels; i++, x += pixel) {
    const exponent = largest(x, channels) >> 23
    if (exponent == 0) continue
    most = max(most, exponent)
    sum += exponent
    count++
  }
  return (<i64> most - WIDE) * count > sum
}
