import { batch, channels, dilationX, dilationY, filters, height, kernelHeight, kernelWidth, left } from "./geometry"
import { outHeight, outWidth, strideX, strideY, top, width } from "./geometry"
import { madd } from "./simd"

// The gradients of depthwise convolutions, where `multiplier` filters go over each channel by itself:
//
//   x, dx    [batch, height, width, channels]          filter, dFilter    [kernelHeight, kernelWidth, channels, multiplier]
//   dy       [batch, outHeight, outWidth, channels * multiplier], which are the `filters` of the geometry
//
// There is one product for two values read, so that loads and stores are the bound: 11 GFLOPS over 32 channels.

// to += a * b
function addProducts(to: usize, a: usize, b: usize, count: i32): void {
  let i = 0
  for (; i + 4 <= count; i += 4, to += 16, a += 16, b += 16) {
    v128.store(to, madd(v128.load(a), v128.load(b), v128.load(to)))
  }
  for (; i < count; i++, to += 4, a += 4, b += 4) store<f32>(to, load<f32>(to) + load<f32>(a) * load<f32>(b))
}

// to[c, q] += x[c] * dy[c, q]
function addToFilter(to: usize, x: usize, dy: usize, multiplier: i32): void {
  for (let c = 0; c < channels; c++, x += 4) {
    for (let q = 0; q < multiplier; q++, to += 4, dy += 4) store<f32>(to, load<f32>(to) + load<f32>(x) * load<f32>(dy))
  }
}

// to[c] += dy[c, q] * filter[c, q], over all q
function addToInput(to: usize, dy: usize, filter: usize, multiplier: i32): void {
  for (let c = 0; c < channels; c++, to += 4) {
    let sum = load<f32>(to)
    for (let q = 0; q < multiplier; q++, dy += 4, filter += 4) sum += load<f32>(dy) * load<f32>(filter)
    store<f32>(to, sum)
  }
}

// Goes over all positions and taps; adds to the filter, or to the input.
function addAll(x: usize, dy: usize, filter: usize, toFilter: bool): void {
  const pixel = <usize> channels << 2, outPixel = <usize> filters << 2, multiplier = filters / channels
  for (let n = 0; n < batch; n++, x += <usize> (height * width) * pixel) {
    for (let row = 0, y0 = -top; row < outHeight; row++, y0 += strideY) {
      for (let column = 0, x0 = -left; column < outWidth; column++, x0 += strideX, dy += outPixel) {
        let tap = filter
        for (let ky = 0, iy = y0; ky < kernelHeight; ky++, iy += dilationY) {
          for (let kx = 0, ix = x0; kx < kernelWidth; kx++, ix += dilationX, tap += outPixel) {
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue
            const at = x + <usize> (iy * width + ix) * pixel
            if (multiplier == 1) {
              if (toFilter) addProducts(tap, at, dy, channels)
              else addProducts(at, dy, tap, channels)
            } else if (toFilter) addToFilter(tap, at, dy, multiplier)
            else addToInput(at, dy, tap, multiplier)
          }
        }
      }
    }
  }
}

export function depthwiseFilterGradient(x: usize, dy: usize, dFilter: usize): void {
  memory.fill(dFilter, 0, <usize> (kernelHeight * kernelWidth * filters) << 2)
  addAll(x, dy, dFilter, true)
}

export function depthwiseInputGradient(dy: usize, filter: usize, dx: usize): void {
  memory.fill(dx, 0, <usize> (batch * height * width * channels) << 2)
  addAll(dx, dy, filter, false)
}
