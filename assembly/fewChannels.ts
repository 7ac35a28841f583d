import { blockColumns } from "./generated/microKernels"
import { batch, channels, filters, height, kernelHeight, kernelWidth, left } from "./geometry"
import { outHeight, outWidth, strideX, strideY, top, width } from "./geometry"
import { madd } from "./simd"

// The gradient of a convolution by its filter, over few input channels and without dilation: that of a first layer. Its
// patches would be short runs; the innermost loop of the matrix product reads them from a copy of one image with its
// padding instead. Here a line of the copy, [(outWidth - 1) * strideX + kernelWidth, channels], holds what a row of
// outputs depends on under a row of the kernel, and the depth of the product is all positions of an image, a row per
// segment. 50 GFLOPS over four channels; with kernels of 3x3 over one, three rows of a product would leave the
// multipliers waiting, and all nine taps are summed together: 45 GFLOPS instead of 30.

/** The bytes of a line of the copy. */
export function lineBytes(): usize {
  return <usize> lineFloats() << 2
}

function lineFloats(): i32 {
  return ((outWidth - 1) * strideX + kernelWidth) * channels
}

function lines(): i32 {
  return (outHeight - 1) * strideY + kernelHeight
}

/** The bytes of scratch space that the function below needs. */
export function fewChannelsScratch(): usize {
  return (<usize> (lines() * lineFloats() + 3) & ~3) << 2
}

// Copies an image to where its padding is already zero; what no output depends on is left out.
export function padImage(x: usize, to: usize): void {
  const skip = max(0, -left), first = max(0, left), line = lineBytes()
  const bytes = <isize> (min(width - skip, lineFloats() / channels - first) * channels) << 2
  if (bytes <= 0) return
  for (let row = max(0, -top); row < min(height, lines() - top); row++) {
    const from = x + (<usize> ((row * width + skip) * channels) << 2)
    memory.copy(to + <usize> (row + top) * line + (<usize> (first * channels) << 2), from, bytes)
  }
}

function storeSum(sum: v128, to: usize, more: i32): void {
  v128.store(to, more ? f32x4.add(v128.load(to), sum) : sum)
}

// Of one image and four filters, for a kernel of 3x3 over one channel.
function nineTaps(line: usize, dy: usize, pixel: usize, to: usize, image: usize, more: i32): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0
  const step = <usize> strideX << 2, lineStep = <usize> strideY * line
  for (let row = 0; row < outHeight; row++, image += lineStep) {
    let p = image, q = image + line, r = image + 2 * line
    for (let column = 0; column < outWidth; column++, p += step, q += step, r += step, dy += pixel) {
      const d = v128.load(dy)
      s0 = madd(v128.load32_splat(p), d, s0)
      s1 = madd(v128.load32_splat(p, 4), d, s1)
      s2 = madd(v128.load32_splat(p, 8), d, s2)
      s3 = madd(v128.load32_splat(q), d, s3)
      s4 = madd(v128.load32_splat(q, 4), d, s4)
      s5 = madd(v128.load32_splat(q, 8), d, s5)
      s6 = madd(v128.load32_splat(r), d, s6)
      s7 = madd(v128.load32_splat(r, 4), d, s7)
      s8 = madd(v128.load32_splat(r, 8), d, s8)
    }
  }
  storeSum(s0, to, more)
  storeSum(s1, to + pixel, more)
  storeSum(s2, to + 2 * pixel, more)
  storeSum(s3, to + 3 * pixel, more)
  storeSum(s4, to + 4 * pixel, more)
  storeSum(s5, to + 5 * pixel, more)
  storeSum(s6, to + 6 * pixel, more)
  storeSum(s7, to + 7 * pixel, more)
  storeSum(s8, to + 8 * pixel, more)
}

/** For a multiple of 8 filters. */
export function fewChannelsFilterGradient(x: usize, dy: usize, dFilter: usize, image: usize): void {
  const run = kernelWidth * channels
  const line = lineBytes(), step = <usize> (strideX * channels) << 2, pixel = <usize> filters << 2
  const lineStep = <usize> strideY * line, rowBytes = <usize> outWidth * pixel
  const nine = channels == 1 && kernelWidth == 3 && kernelHeight == 3
  memory.fill(image, 0, fewChannelsScratch())
  for (let n = 0; n < batch; n++, x += <usize> (height * width * channels) << 2) {
    padImage(x, image)
    if (nine) {
      for (let o: usize = 0; o < pixel; o += 16) nineTaps(line, dy + o, pixel, dFilter + o, image, i32(n > 0))
      dy += <usize> outHeight * rowBytes
      continue
    }
    for (let o: usize = 0; o < pixel; o += 32) {
      for (let ky = 0, out = dFilter + o, from = image; ky < kernelHeight; ky++, from += line) {
        for (let m = 0; m < run; m += 8) {
          const rows = min(8, run - m), a = from + (<usize> m << 2), more = i32(n > 0)
          blockColumns(rows, outHeight, outWidth, a, step, lineStep, dy + o, pixel, rowBytes, out, pixel, more)
          out += <usize> rows * pixel
        }
      }
    }
    dy += <usize> outHeight * rowBytes
  }
}
