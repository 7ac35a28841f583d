import { blockColumns } from "./generated/microKernels"
import { batch, channels, filters, height, kernelHeight, kernelWidth, left } from "./geometry"
import { outHeight, outWidth, strideX, strideY, top, width } from "./geometry"

// The gradient of a convolution by its filter, over few input channels and without dilation: that of a first layer. Its
// patches would be short runs; the innermost loop of the matrix product reads them from a copy of one image with its
// padding instead. Here a line of the copy, [(outWidth - 1) * strideX + kernelWidth, channels], holds what a row of outputs
// depends on under a row of the kernel, and the depth of the product is all positions of an image, a row per segment.
// 30 GFLOPS over one channel with kernels of 3x3, where three rows of the product leave the multipliers waiting; 50 over
// four.

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
function copyImage(x: usize, to: usize): void {
  const skip = max(0, -left), first = max(0, left), line = <usize> lineFloats() << 2
  const bytes = <isize> (min(width - skip, lineFloats() / channels - first) * channels) << 2
  if (bytes <= 0) return
  for (let row = max(0, -top); row < min(height, lines() - top); row++) {
    const from = x + (<usize> ((row * width + skip) * channels) << 2)
    memory.copy(to + <usize> (row + top) * line + (<usize> (first * channels) << 2), from, bytes)
  }
}

/** For a multiple of 8 filters. */
export function fewChannelsFilterGradient(x: usize, dy: usize, dFilter: usize, image: usize): void {
  const run = kernelWidth * channels
  const line = <usize> lineFloats() << 2, step = <usize> (strideX * channels) << 2, pixel = <usize> filters << 2
  const lineStep = <usize> strideY * line, rowBytes = <usize> outWidth * pixel
  memory.fill(image, 0, fewChannelsScratch())
  for (let n = 0; n < batch; n++, x += <usize> (height * width * channels) << 2) {
    copyImage(x, image)
    for (let o: usize = 0; o < pixel; o += 32) {
      for (let ky = 0, out = dFilter + o, from = image; ky < kernelHeight; ky++, from += line) {
        for (let m = 0; m < run; m += 8) {
          const rows = min(8, run - m), a = from + (<usize> m << 2), more = i32(n > 0)
          blockColumns(rows, outHeight, outWidth, a, step, lineStep, dy + o, pixel, rowBytes, out, pixel, more)
          out += <usize> rows * pixel
        }
      }
    }
    dy += <usize> (outHeight * outWidth) * pixel
  }
}
