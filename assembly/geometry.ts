// The geometry of the convolution that is computed next: of an input [batch, height, width, channels] with a filter
// [kernelHeight, kernelWidth, channels, filters], to positions [batch, outHeight, outWidth], of as many channels as
// filters.
export let batch: i32 = 0
export let height: i32 = 0
export let width: i32 = 0
export let channels: i32 = 0
export let outHeight: i32 = 0
export let outWidth: i32 = 0
export let positions: i32 = 0
export let filters: i32 = 0
export let kernelHeight: i32 = 0
export let kernelWidth: i32 = 0
export let strideY: i32 = 0
export let strideX: i32 = 0
export let dilationY: i32 = 0
export let dilationX: i32 = 0
export let top: i32 = 0
export let left: i32 = 0

export function convolution(
  images: i32,
  inputHeight: i32,
  inputWidth: i32,
  inputChannels: i32,
  outputHeight: i32,
  outputWidth: i32,
  outputChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32
): void {
  batch = images
  height = inputHeight
  width = inputWidth
  channels = inputChannels
  outHeight = outputHeight
  outWidth = outputWidth
  positions = images * outputHeight * outputWidth
  filters = outputChannels
  kernelHeight = filterHeight
  kernelWidth = filterWidth
  strideY = strideHeight
  strideX = strideWidth
  dilationY = dilationHeight
  dilationX = dilationWidth
  top = padTop
  left = padLeft
}

/** Lets the next call be about so many of the images. */
export function convolutionImages(images: i32): void {
  batch = images
  positions = images * outHeight * outWidth
}
