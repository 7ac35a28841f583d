import { convolutionFilterGradient, convolutionInputGradient, convolve } from "./conv"
import { fewChannelsFilterGradient } from "./fewChannels"
import { fewChannelsConvolve } from "./fewChannelsForward"
import { convolutionImages } from "./geometry"

// The same functions for some of the images, so that threads can share the batch.

export function convolveImages(
  images: i32,
  x: usize,
  filter: usize,
  bias: usize,
  activation: i32,
  y: usize,
  scratch: usize
): void {
  convolutionImages(images)
  convolve(x, filter, bias, activation, y, scratch)
}

export function fewChannelsConvolveImages(
  images: i32,
  x: usize,
  filter: usize,
  bias: usize,
  activation: i32,
  y: usize,
  scratch: usize
): void {
  convolutionImages(images)
  fewChannelsConvolve(x, filter, bias, activation, y, scratch)
}

export function inputGradientOfImages(images: i32, dy: usize, filter: usize, dx: usize, scratch: usize): void {
  convolutionImages(images)
  convolutionInputGradient(dy, filter, dx, scratch)
}

export function filterGradientOfImages(images: i32, x: usize, dy: usize, dFilter: usize, scratch: usize): void {
  convolutionImages(images)
  convolutionFilterGradient(x, dy, dFilter, scratch)
}

export function fewChannelsFilterGradientOfImages(
  images: i32,
  x: usize,
  dy: usize,
  dFilter: usize,
  scratch: usize
): void {
  convolutionImages(images)
  fewChannelsFilterGradient(x, dy, dFilter, scratch)
}

/** The sums of corresponding floats of some arrays, one after the other in memory, in their order. */
export function sumOfParts(count: i32, parts: i32, from: usize, to: usize): void {
  const stride = <usize> count << 2
  let at: usize = 0
  for (; at + 16 <= stride; at += 16) {
    let sum = v128.load(from + at)
    for (let part = 1, next = from + at + stride; part < parts; part++, next += stride) {
      sum = f32x4.add(sum, v128.load(next))
    }
    v128.store(to + at, sum)
  }
  for (; at < stride; at += 4) {
    let sum = load<f32>(from + at)
    for (let part = 1, next = from + at + stride; part < parts; part++, next += stride) sum += load<f32>(next)
    store<f32>(to + at, sum)
  }
}
