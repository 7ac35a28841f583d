export {
  elu,
  gelu,
  geluTanh,
  leakyRelu,
  logSoftmax,
  relu,
  selu,
  sigmoid,
  softmax,
  softplus,
  swish,
  tanh
} from "./activations.ts"
export { batchNorm } from "./batchNorm.ts"
export type { Affine, BatchNormOptions, Moments } from "./batchNorm.ts"
export { conv2d } from "./conv2d.ts"
export type { Conv2dOptions } from "./conv2d.ts"
export { dense } from "./dense.ts"
export type { DenseOptions, Weights } from "./dense.ts"
export { dropout } from "./dropout.ts"
export { activation, make, mismatch, stateless } from "./Layer.ts"
export type { Any, Empty, Initial, Input, Layer, Mode, Output, Params, State } from "./Layer.ts"
export type { Padding, Size } from "./options.ts"
export { parallel } from "./parallel.ts"
export type { Merge } from "./parallel.ts"
export { avgPool2d, globalAvgPool2d, globalMaxPool2d, maxPool2d } from "./pooling.ts"
export type { Pool2dOptions } from "./pooling.ts"
export { rescale } from "./rescale.ts"
export { residual } from "./residual.ts"
export { named, serial } from "./sequence.ts"
export { flatten, reshape } from "./shapes.ts"
