import { copyRun } from "./permute"
import { madd } from "./simd"

// Images of [batch, height, width, channels] at another size, and the gradients of that. Rows and columns of the output
// have entries of 12 bytes: the two rows or columns of the input that they lie between, and the part of the second one,
// which is 0 only where both are the same. First rows are combined, in the order of memory, then columns.

export function resizeScratch(oldWidth: i32, channels: i32, newHeight: i32, newWidth: i32): i32 {
  return 12 * (newHeight + newWidth) + 4 * oldWidth * channels + 16
}

// The conventions of TensorFlow: corners of both images lie on each other, or centers of pixels at half a pixel, or
// neither.
function positions(old: i32, size: i32, nearest: i32, alignCorners: i32, halfPixel: i32, table: usize): void {
  const aligned = alignCorners != 0 && size > 1
  const ratio: f64 = aligned ? <f64> (old - 1) / <f64> (size - 1) : <f64> old / <f64> size
  const shift: f64 = halfPixel != 0 ? 0.5 : 0
  for (let i = 0; i < size; i++, table += 12) {
    const at = ratio * (<f64> i + shift)
    let first: i32, second: i32, part: f64 = 0
    if (nearest != 0) {
      first = max(0, min(old - 1, <i32> floor<f64>(alignCorners != 0 ? at + 0.5 : at)))
      second = first
    } else {
      first = max(0, <i32> floor<f64>(at - shift))
      second = min(old - 1, <i32> ceil<f64>(at - shift))
      if (second != first) part = at - shift - <f64> first
    }
    store<i32>(table, first)
    store<i32>(table, second, 4)
    store<f32>(table, <f32> part, 8)
  }
}

// a + (b - a) part.
function blend(bytes: usize, a: usize, b: usize, part: f32, out: usize): void {
  const parts = f32x4.splat(part)
  let i: usize = 0
  for (; i + 16 <= bytes; i += 16) {
    const p = v128.load(a + i)
    v128.store(out + i, madd(f32x4.sub(v128.load(b + i), p), parts, p))
  }
  for (; i < bytes; i += 4) {
    const p = load<f32>(a + i)
    store<f32>(out + i, p + (load<f32>(b + i) - p) * part)
  }
}

// out += part x.
function addPart(bytes: usize, x: usize, part: f32, out: usize): void {
  const parts = f32x4.splat(part)
  let i: usize = 0
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, madd(v128.load(x + i), parts, v128.load(out + i)))
  for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(out + i) + load<f32>(x + i) * part)
}

export function resize(
  batch: i32,
  oldHeight: i32,
  oldWidth: i32,
  channels: i32,
  newHeight: i32,
  newWidth: i32,
  nearest: i32,
  alignCorners: i32,
  halfPixel: i32,
  x: usize,
  y: usize,
  scratch: usize
): void {
  const pixel = <usize> channels << 2, line = <usize> oldWidth * pixel, newLine = <usize> newWidth * pixel
  const rows = scratch, columns = rows + 12 * <usize> newHeight, mixed = columns + 12 * <usize> newWidth
  const columnsEnd = mixed
  positions(oldHeight, newHeight, nearest, alignCorners, halfPixel, rows)
  positions(oldWidth, newWidth, nearest, alignCorners, halfPixel, columns)
  for (; batch > 0; batch--, x += <usize> oldHeight * line) {
    for (let row = rows, rowsLeft = newHeight; rowsLeft > 0; rowsLeft--, row += 12) {
      const first = load<i32>(row), second = load<i32>(row, 4)
      let source = x + <usize> first * line
      if (nearest != 0 && rowsLeft < newHeight && load<i32>(row - 12) == first) {
        memory.copy(y, y - newLine, newLine)
        y += newLine
        continue
      }
      if (second != first) {
        blend(line, source, x + <usize> second * line, load<f32>(row, 8), mixed)
        source = mixed
      }
      for (let column = columns; column < columnsEnd; column += 12, y += pixel) {
        const left = load<i32>(column), right = load<i32>(column, 4), at = source + <usize> left * pixel
        if (left == right) copyRun(at, y, pixel)
        else blend(pixel, at, source + <usize> right * pixel, load<f32>(column, 8), y)
      }
    }
  }
}

export function resizeGradient(
  batch: i32,
  oldHeight: i32,
  oldWidth: i32,
  channels: i32,
  newHeight: i32,
  newWidth: i32,
  nearest: i32,
  alignCorners: i32,
  halfPixel: i32,
  dy: usize,
  dx: usize,
  scratch: usize
): void {
  const pixel = <usize> channels << 2, line = <usize> oldWidth * pixel
  const rows = scratch, columns = rows + 12 * <usize> newHeight, mixed = columns + 12 * <usize> newWidth
  const columnsEnd = mixed
  positions(oldHeight, newHeight, nearest, alignCorners, halfPixel, rows)
  positions(oldWidth, newWidth, nearest, alignCorners, halfPixel, columns)
  memory.fill(dx, 0, <usize> batch * <usize> oldHeight * line)
  for (; batch > 0; batch--, dx += <usize> oldHeight * line) {
    for (let row = rows, rowsLeft = newHeight; rowsLeft > 0; rowsLeft--, row += 12) {
      const first = load<i32>(row), second = load<i32>(row, 4), part = load<f32>(row, 8)
      const target = first == second ? dx + <usize> first * line : mixed
      if (target == mixed) memory.fill(mixed, 0, line)
      for (let column = columns; column < columnsEnd; column += 12, dy += pixel) {
        const left = load<i32>(column), right = load<i32>(column, 4), share = load<f32>(column, 8)
        addPart(pixel, dy, 1 - share, target + <usize> left * pixel)
        if (left != right) addPart(pixel, dy, share, target + <usize> right * pixel)
      }
      if (target == mixed) {
        addPart(line, mixed, 1 - part, dx + <usize> first * line)
        addPart(line, mixed, part, dx + <usize> second * line)
      }
    }
  }
}
