import { copies, rectify } from "./epilogue"
import { gemm, gemmScratch } from "./gemm"
import { channels, dilationX, dilationY, filters, height, kernelHeight, kernelWidth, left } from "./geometry"
import { outHeight, outWidth, positions, strideX, strideY, top, width } from "./geometry"

// Convolutions of every kernel size, stride, dilation and padding, as products with a matrix of patches (im2col): a
// block of output positions at a time, small enough for its patches to stay in the cache.
//
//   x        [batch, height, width, channels]
//   filter   [kernelHeight, kernelWidth, channels, filters], as a matrix [taps, filters], taps = kh * kw * channels
//   y, dy    [batch, outHeight, outWidth, filters], as a matrix [positions, filters]
//   patches  [positions of the block, taps], rows `patchStride()` floats apart
//
// 50 to 57 GFLOPS, of which the product alone would reach 60; 20 where a position has fewer than ten taps.
//
//   y = patches * filter          dFilter = patches^T * dy          dPatches = dy * filter^T, added up in dx

function taps(): i32 {
  return kernelHeight * kernelWidth * channels
}

// Rows that are a multiple of 1 KB apart would share few sets of the cache.
function patchStride(): i32 {
  return taps() % 256 == 0 ? taps() + 16 : taps()
}

// Half a megabyte of patches, but so many rows that packing the filter for each block does not show.
function blockRows(): i32 {
  return min(positions, max(96, (1 << 17) / patchStride() / 24 * 24))
}

// The patches are the input itself.
function pointwise(): bool {
  return taps() == channels && strideY == 1 && strideX == 1 && top == 0 && left == 0
    && outHeight == height && outWidth == width
}

// Half a megabyte of input and output, but so many rows that packing the filter for each block does not show.
function pointwiseRows(): i32 {
  return min(positions, max(768, (1 << 17) / (channels + filters)))
}

function patchBytes(): usize {
  return (<usize> blockRows() * <usize> patchStride() * 4 + 63) & ~63
}

// The scratch space that each of the three functions below needs, in bytes.
export function convolutionScratch(): usize {
  const rows = pointwise() ? positions : blockRows()
  const product = <usize> max(
    gemmScratch(rows, filters, taps()),
    max(gemmScratch(taps(), filters, rows), gemmScratch(rows, taps(), filters))
  )
  return product + (pointwise() ? <usize> 0 : patchBytes())
}

function copyFloats(from: usize, to: usize, count: i32): void {
  if (count < 4) {
    for (let i = 0; i < count; i++, from += 4, to += 4) store<f32>(to, load<f32>(from))
    return
  }
  // The last vector overlaps the one before.
  const last = <usize> (count - 4) << 2
  for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at))
  v128.store(to + last, v128.load(from + last))
}

function zeroFloats(to: usize, count: i32): void {
  const zero = f32x4.splat(0)
  let i = 0
  for (; i + 4 <= count; i += 4, to += 16) v128.store(to, zero)
  for (; i < count; i++, to += 4) store<f32>(to, 0)
}

function addFloats(from: usize, to: usize, count: i32): void {
  let i = 0
  for (; i + 4 <= count; i += 4, from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
  for (; i < count; i++, from += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(from))
}

// Copies the input under the kernel at `rows` positions from `first` on into patches, or adds patches to the input.
function forPatches(x: usize, patches: usize, first: i32, rows: i32, scatter: bool): void {
  const pixel = <usize> channels << 2, end = (kernelWidth - 1) * dilationX + 1, run = kernelWidth * channels
  const gap = <usize> (patchStride() - taps()) << 2
  let column = first % outWidth, row = first / outWidth % outHeight
  let image = x + <usize> (first / outWidth / outHeight) * <usize> (height * width) * pixel
  for (let r = 0; r < rows; r++) {
    const x0 = column * strideX - left
    const inside = x0 >= 0 && x0 + end <= width && dilationX == 1
    for (let ky = 0, y = row * strideY - top; ky < kernelHeight; ky++, y += dilationY) {
      if (y < 0 || y >= height) {
        if (!scatter) zeroFloats(patches, run)
        patches += <usize> run << 2
        continue
      }
      const line = image + <usize> (y * width) * pixel
      if (inside) {
        if (scatter) addFloats(patches, line + <usize> x0 * pixel, run)
        else copyFloats(line + <usize> x0 * pixel, patches, run)
        patches += <usize> run << 2
        continue
      }
      for (let kx = 0, at = x0; kx < kernelWidth; kx++, at += dilationX, patches += pixel) {
        if (at < 0 || at >= width) {
          if (!scatter) zeroFloats(patches, channels)
        } else if (scatter) addFloats(patches, line + <usize> at * pixel, channels)
        else copyFloats(line + <usize> at * pixel, patches, channels)
      }
    }
    patches += gap
    if (++column == outWidth) {
      column = 0
      if (++row == outHeight) {
        row = 0
        image += <usize> (height * width) * pixel
      }
    }
  }
}

/** The bias may be 0, for none, and the activation is none or 1, for relu. */
export function convolve(x: usize, filter: usize, bias: usize, activation: i32, y: usize, scratch: usize): void {
  const whole = pointwise(), block = whole ? pointwiseRows() : blockRows(), add = i32(bias != 0)
  const product = scratch + (whole ? <usize> 0 : patchBytes()), row = <usize> filters << 2
  for (let first = 0; first < positions; first += block) {
    const rows = min(block, positions - first), to = y + <usize> first * row, bytes = <usize> rows * row
    if (bias) copies(bias, row, to, bytes)
    if (whole) {
      const from = x + (<usize> first * <usize> channels << 2)
      gemm(0, 0, rows, filters, channels, from, channels, filter, filters, to, filters, add, product)
    } else {
      forPatches(x, scratch, first, rows, false)
      gemm(0, 0, rows, filters, taps(), scratch, patchStride(), filter, filters, to, filters, add, product)
    }
    if (activation) rectify(to, bytes)
  }
}

export function convolutionFilterGradient(x: usize, dy: usize, dFilter: usize, scratch: usize): void {
  if (pointwise()) {
    gemm(1, 0, channels, filters, positions, x, channels, dy, filters, dFilter, filters, 0, scratch)
    return
  }
  const block = blockRows(), product = scratch + patchBytes()
  for (let first = 0; first < positions; first += block) {
    const rows = min(block, positions - first), from = dy + (<usize> first * <usize> filters << 2)
    forPatches(x, scratch, first, rows, false)
    const more = i32(first > 0)
    gemm(1, 0, taps(), filters, rows, scratch, patchStride(), from, filters, dFilter, filters, more, product)
  }
}

export function convolutionInputGradient(dy: usize, filter: usize, dx: usize, scratch: usize): void {
  if (pointwise()) {
    gemm(0, 1, positions, channels, filters, dy, filters, filter, filters, dx, channels, 0, scratch)
    return
  }
  const block = blockRows(), product = scratch + patchBytes()
  const images = positions / (outHeight * outWidth)
  memory.fill(dx, 0, <usize> (images * height * width) * <usize> channels << 2)
  for (let first = 0; first < positions; first += block) {
    const rows = min(block, positions - first), from = dy + (<usize> first * <usize> filters << 2)
    gemm(0, 1, rows, taps(), filters, from, filters, filter, filters, scratch, patchStride(), 0, product)
    forPatches(dx, scratch, first, rows, true)
  }
}
