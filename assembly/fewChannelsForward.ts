import { copies, positive, rectify } from "./epilogue"
import { fewChannelsScratch, lineBytes, padImage } from "./fewChannels"
import { blockRows } from "./generated/microKernels"
import { batch, channels, filters, height, kernelHeight, kernelWidth } from "./geometry"
import { outHeight, outWidth, strideX, strideY, width } from "./geometry"
import { madd } from "./simd"

// A convolution over few input channels and without dilation: that of a first layer. Rows of patches are overlapping
// rows of a copy of one image with its padding, so that the innermost loop of the matrix product reads them where they
// lie, with a segment of its depth for each row of the kernel; the filter is read in place too. An output row starts as
// the bias, and the activation is taken while it is in the first-level cache. 40 to 48 GFLOPS of 60, 30 over one
// channel; there kernels of 3x3 keep their nine taps in registers, and reach 44.

/** For a multiple of 8 filters; the bias may be 0, for none, and the activation is none or 1, for relu. */
export function fewChannelsConvolve(
  x: usize,
  filter: usize,
  bias: usize,
  activation: i32,
  y: usize,
  image: usize
): void {
  const run = kernelWidth * channels, line = lineBytes(), step = <usize> (strideX * channels) << 2
  const pixel = <usize> filters << 2, row = <usize> outWidth * pixel, lineStep = <usize> strideY * line
  const nine = channels == 1 && kernelWidth == 3 && kernelHeight == 3
  memory.fill(image, 0, fewChannelsScratch())
  for (let n = 0; n < batch; n++, x += <usize> (height * width * channels) << 2) {
    padImage(x, image)
    for (let i = 0, from = image; i < outHeight; i++, y += row, from += lineStep) {
      if (nine) {
        for (let o: usize = 0; o < pixel; o += 16) {
          nineTaps(from, line, step, filter + o, pixel, bias ? bias + o : 0, activation, y + o)
        }
        continue
      }
      if (bias) copies(bias, pixel, y, row)
      for (let o: usize = 0; o < pixel; o += 32) {
        for (let j = 0, blocks = (outWidth + 7) / 8, block = 0; block < blocks; block++) {
          const rows = (outWidth - j + blocks - block - 1) / (blocks - block)
          const a = from + <usize> j * step, c = y + o + <usize> j * pixel
          // dprint-ignore
          blockRows(
            rows, kernelHeight, run, a, step, line, filter + o, pixel, <usize> run * pixel, c, pixel,
            i32(bias != 0)
          )
          j += rows
        }
      }
      if (activation) rectify(y, row)
    }
  }
}

// Of one row of outputs and four filters.
function nineTaps(
  p: usize,
  line: usize,
  step: usize,
  filter: usize,
  pixel: usize,
  bias: usize,
  activation: i32,
  y: usize
): void {
  const w0 = v128.load(filter), w1 = v128.load(filter + pixel), w2 = v128.load(filter + 2 * pixel)
  const w3 = v128.load(filter + 3 * pixel), w4 = v128.load(filter + 4 * pixel), w5 = v128.load(filter + 5 * pixel)
  const w6 = v128.load(filter + 6 * pixel), w7 = v128.load(filter + 7 * pixel), w8 = v128.load(filter + 8 * pixel)
  const offset = bias ? v128.load(bias) : f32x4.splat(0)
  for (let j = 0; j < outWidth; j++, p += step, y += pixel) {
    const q = p + line, r = q + line
    let above = madd(v128.load32_splat(p), w0, offset), below = f32x4.mul(v128.load32_splat(q, 4), w4)
    above = madd(v128.load32_splat(p, 4), w1, above)
    below = madd(v128.load32_splat(q, 8), w5, below)
    above = madd(v128.load32_splat(p, 8), w2, above)
    below = madd(v128.load32_splat(r), w6, below)
    above = madd(v128.load32_splat(q), w3, above)
    below = madd(v128.load32_splat(r, 4), w7, below)
    const sum = f32x4.add(above, madd(v128.load32_splat(r, 8), w8, below))
    v128.store(y, activation ? positive(sum) : sum)
  }
}
