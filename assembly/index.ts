// Kernels for training, on the memory of the WASM backend of TensorFlow.js. No function here allocates: pointers to
// tensors and to scratch space are handed in. No string, array or class is used, because the module must have no data of
// its own in that memory.
export { convolutionFilterGradient, convolutionInputGradient, convolutionScratch, convolve } from "./conv"
export { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise"
export * from "./elementwise"
export { fewChannelsFilterGradient, fewChannelsScratch } from "./fewChannels"
export { gemm, gemmScratch } from "./gemm"
export { convolution } from "./geometry"
export * from "./optimizers"
export { permute } from "./permute"
export * from "./random"
export * from "./reduce"
export * from "./rows"
export { winograd, winogradFilterGradient, winogradScratch } from "./winograd"
