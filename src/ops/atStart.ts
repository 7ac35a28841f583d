import type { KernelSet } from "../backend/registry.ts"
import { batchNormalization } from "./batchNorm.ts"
import { convolution } from "./convolution.ts"
import { convolution3d } from "./convolution3d.ts"
import { core } from "./core.ts"
import { cumulativeProduct } from "./cumulativeProduct.ts"
import { depthwiseConvolution } from "./depthwise.ts"
import { morphology } from "./dilation2d.ts"
import { einsums } from "./einsum.ts"
import { inverseHyperbolic } from "./inverseHyperbolic.ts"
import { localResponse } from "./localResponse.ts"
import { mirrorPadding } from "./mirrorPad.ts"
import { pooling } from "./pooling.ts"
import { pooling3d } from "./pooling3d.ts"
import { resizing } from "./resize.ts"
import { scattering } from "./scatter.ts"
import { spaceAndBatch } from "./spaceAndBatch.ts"
import { stridedSlices } from "./stridedSlice.ts"
import { largest } from "./topK.ts"

/**
 * What is installed when a backend starts: all that TensorFlow.js's own functions need, so that a layer which calls
 * `tf.conv2d` can be trained without a word. Bundlers for pages put `atStartInPages.ts` in the place of this module (by
 * `browser` in package.json), since a page is to hold only what its model needs.
 */
export const atStart: ReadonlyArray<KernelSet> = [
  ...core,
  batchNormalization,
  convolution,
  convolution3d,
  cumulativeProduct,
  depthwiseConvolution,
  einsums,
  inverseHyperbolic,
  largest,
  localResponse,
  mirrorPadding,
  morphology,
  pooling,
  pooling3d,
  resizing,
  scattering,
  spaceAndBatch,
  stridedSlices
]
