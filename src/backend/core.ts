import { denseGradients } from "./gradients/dense.ts"
import { elementwise } from "./gradients/elementwise.ts"
import { losses } from "./gradients/losses.ts"
import { matMul } from "./gradients/matMul.ts"
import { rearrangements } from "./gradients/rearrangements.ts"
import { reductions } from "./gradients/reductions.ts"
import { softmaxes } from "./gradients/softmax.ts"
import { batchMatMulWasm } from "./kernels/batchMatMul.ts"
import { binaryWasm } from "./kernels/binary.ts"
import { concatWasm, sliceWasm, splitWasm } from "./kernels/blocks.ts"
import { cumulativeKernels } from "./kernels/cumulative.ts"
import { denseWasm, rectifiedDenseWasm } from "./kernels/dense.ts"
import { elementwiseWasm } from "./kernels/elementwise.ts"
import { gatherWasm, unsortedSegmentSumWasm } from "./kernels/gather.ts"
import { castWasm, identityWasm } from "./kernels/identity.ts"
import { lossesWasm } from "./kernels/losses.ts"
import { maxWasm, meanWasm, minWasm } from "./kernels/meanAndExtrema.ts"
import { oneHotWasm } from "./kernels/oneHot.ts"
import { optimizersWasm } from "./kernels/optimizers.ts"
import { logSoftmaxGradientWasm, logSoftmaxWasm, softmaxGradientWasm, softmaxWasm } from "./kernels/softmax.ts"
import { sumWasm } from "./kernels/sum.ts"
import { tileWasm } from "./kernels/tile.ts"
import { transposeWasm } from "./kernels/transpose.ts"
import type { KernelSet } from "./registry.ts"

/** What every model needs; convolution and pooling come with their layers. */
export const core: KernelSet = {
  gradients: [
    ...denseGradients,
    ...elementwise,
    ...losses,
    ...matMul,
    ...rearrangements,
    ...reductions,
    ...softmaxes
  ],
  kernels: [
    batchMatMulWasm,
    castWasm,
    concatWasm,
    denseWasm,
    gatherWasm,
    identityWasm,
    logSoftmaxGradientWasm,
    logSoftmaxWasm,
    maxWasm,
    meanWasm,
    minWasm,
    oneHotWasm,
    rectifiedDenseWasm,
    sliceWasm,
    softmaxGradientWasm,
    softmaxWasm,
    splitWasm,
    sumWasm,
    tileWasm,
    transposeWasm,
    unsortedSegmentSumWasm,
    ...binaryWasm,
    ...cumulativeKernels,
    ...elementwiseWasm,
    ...lossesWasm,
    ...optimizersWasm
  ]
}
