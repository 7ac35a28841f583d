import { gather, maximumGradient, meanGradient, pairsGradient } from "./poolGradients"
import { mean } from "./poolMeans"

// Pooling of NHWC images over windows of any size, stride and padding. A window is visited for four channels at a time,
// channels that are left over one at a time. From the caches, images under windows of two by two
// are read at 45 GB/s, and their gradients written at 25.

// What is done with each window, of `image` and `other`, and with its value in `windows`.

// The maximum, NaN where there is one.
const MAXIMUM = 0
// The mean of what lies inside the image.
const MEAN = 1
// The gradient of the maximum goes to the first largest value: `image` is x, `windows` dy and `other` dx. NaN is larger
// than any number.
const MAXIMUM_GRADIENT = 2
// Each value takes the same share of the gradient, one over the size of a whole window: `windows` is dy and `other` dx.
const MEAN_GRADIENT = 3
// The value of `other` in the place of the maximum of `image`: the gradient of the maximum's gradient by dy.
const GATHER = 4

export function pool(
  kind: i32,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  image: usize,
  other: usize,
  windows: usize
): void {
  const pixel = <usize> channels << 2, line = pixel * <usize> width, size = line * <usize> height
  const overlap = strideHeight < filterHeight || strideWidth < filterWidth
  const gradient = kind == MAXIMUM_GRADIENT || kind == MEAN_GRADIENT
  // Where windows cover an image without overlap each gradient is written once; else they are added up in zeros, an
  // image at a time, so that it stays in a cache.
  const once = strideHeight == filterHeight && strideWidth == filterWidth && top == 0 && left == 0 &&
    outHeight * strideHeight >= height && outWidth * strideWidth >= width
  const share = <f32> 1 / <f32> (filterHeight * filterWidth)
  for (let n = 0; n < batch; n++, image += size, other += size) {
    if (gradient && !once) memory.fill(other, 0, size)
    for (let i = 0; i < outHeight; i++) {
      const row = max(i * strideHeight - top, 0), rows = min(i * strideHeight - top + filterHeight, height) - row
      for (let j = 0; j < outWidth; j++, windows += pixel) {
        const column = max(j * strideWidth - left, 0)
        const columns = min(j * strideWidth - left + filterWidth, width) - column
        const at = <usize> row * line + <usize> column * pixel
        if (kind == MAXIMUM && rows == 2 && columns == 2) pairsMaximum(pixel, line, image + at, windows)
        else if (kind == MAXIMUM) maximum(rows, columns, pixel, line, image + at, windows)
        else if (kind == MEAN) mean(rows, columns, pixel, line, image + at, windows)
        else if (kind == MEAN_GRADIENT) meanGradient(rows, columns, pixel, line, share, overlap, windows, other + at)
        else if (kind == GATHER) gather(rows, columns, pixel, line, image + at, other + at, windows)
        else if (rows == 2 && columns == 2 && !overlap) pairsGradient(pixel, line, image + at, windows, other + at)
        else if (rows > 0 && columns > 0) {
          maximumGradient(0, rows, columns, pixel, line, overlap, image + at, windows, other + at)
        }
      }
    }
  }
}

function maximum(rows: i32, columns: i32, pixel: usize, row: usize, x: usize, y: usize): void {
  let channel: usize = 0
  for (; channel + 64 <= pixel; channel += 64) {
    let a = f32x4.splat(-Infinity), b = a, c = a, d = a, e = i32x4.splat(0), f = e, g = e, h = e, line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const p = v128.load(at), q = v128.load(at, 16), r = v128.load(at, 32), s = v128.load(at, 48)
        a = f32x4.pmax(a, p)
        b = f32x4.pmax(b, q)
        c = f32x4.pmax(c, r)
        d = f32x4.pmax(d, s)
        e = v128.or(e, f32x4.ne(p, p))
        f = v128.or(f, f32x4.ne(q, q))
        g = v128.or(g, f32x4.ne(r, r))
        h = v128.or(h, f32x4.ne(s, s))
      }
    }
    const to = y + channel
    v128.store(to, v128.or(a, e))
    v128.store(to, v128.or(b, f), 16)
    v128.store(to, v128.or(c, g), 32)
    v128.store(to, v128.or(d, h), 48)
  }
  for (; channel + 16 <= pixel; channel += 16) {
    let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load(at)
        a = f32x4.pmax(a, v)
        nan = v128.or(nan, f32x4.ne(v, v))
      }
    }
    v128.store(y + channel, v128.or(a, nan))
  }
  for (; channel < pixel; channel += 4) {
    let a = f32x4.splat(-Infinity), nan = i32x4.splat(0), line = x + channel
    for (let i = 0; i < rows; i++, line += row) {
      let at = line
      for (let j = 0; j < columns; j++, at += pixel) {
        const v = v128.load32_zero(at)
        a = f32x4.pmax(a, v)
        nan = v128.or(nan, f32x4.ne(v, v))
      }
    }
    v128.store32_lane(y + channel, v128.or(a, nan), 0)
  }
}

// A window of two by two.
function pairsMaximum(pixel: usize, row: usize, x: usize, y: usize): void {
  let channel: usize = 0
  for (; channel + 16 <= pixel; channel += 16) {
    const at = x + channel
    const p = v128.load(at), q = v128.load(at + pixel), r = v128.load(at + row), s = v128.load(at + row + pixel)
    const nan = v128.or(v128.or(f32x4.ne(p, p), f32x4.ne(q, q)), v128.or(f32x4.ne(r, r), f32x4.ne(s, s)))
    v128.store(y + channel, v128.or(f32x4.pmax(f32x4.pmax(p, q), f32x4.pmax(r, s)), nan))
  }
  for (; channel < pixel; channel += 4) {
    const at = x + channel
    const p = v128.load32_zero(at), q = v128.load32_zero(at + pixel)
    const r = v128.load32_zero(at + row), s = v128.load32_zero(at + row + pixel)
    const nan = v128.or(v128.or(f32x4.ne(p, p), f32x4.ne(q, q)), v128.or(f32x4.ne(r, r), f32x4.ne(s, s)))
    v128.store32_lane(y + channel, v128.or(f32x4.pmax(f32x4.pmax(p, q), f32x4.pmax(r, s)), nan), 0)
  }
}
