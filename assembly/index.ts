// Kernels for training, on the memory of the WASM backend of TensorFlow.js. No function here allocates: pointers to
// tensors and to scratch space are handed in. No string, array or class is used, because the module must have no data of
// its own in that memory.
export { batchNorm, batchNormGradient } from "./batchNorm"
export { maxima } from "./extrema"
export { gemm, gemmScratch } from "./gemm"
export { permute } from "./permute"
export { pool } from "./pool"
export { sums, sumsScratch } from "./reduce"
export * from "./rows"
export * from "./softmax"
export * from "./tile"
