import { batchMatMulWasm } from "../backend/kernels/batchMatMul.ts"
import { binaryWasm } from "../backend/kernels/binary.ts"
import { concatWasm, sliceWasm, splitWasm } from "../backend/kernels/blocks.ts"
import { cumulativeKernels } from "../backend/kernels/cumulative.ts"
import { denseWasm, rectifiedDenseWasm } from "../backend/kernels/dense.ts"
import { elementwiseWasm } from "../backend/kernels/elementwise.ts"
import { gatherWasm, unsortedSegmentSumWasm } from "../backend/kernels/gather.ts"
import { castWasm, identityWasm } from "../backend/kernels/identity.ts"
import { lossesWasm } from "../backend/kernels/losses.ts"
import { maxWasm, meanWasm, minWasm } from "../backend/kernels/meanAndExtrema.ts"
import { oneHotWasm } from "../backend/kernels/oneHot.ts"
import { optimizersWasm } from "../backend/kernels/optimizers.ts"
import { logSoftmaxGradientWasm, logSoftmaxWasm, softmaxGradientWasm, softmaxWasm } from "../backend/kernels/softmax.ts"
import { sumWasm } from "../backend/kernels/sum.ts"
import { tileWasm } from "../backend/kernels/tile.ts"
import { transposeWasm } from "../backend/kernels/transpose.ts"
import { denseGradients } from "./denseGradients.ts"
import { elementwise } from "./elementwise.ts"
import { losses } from "./lossGradients.ts"
import { matMul } from "./matMul.ts"
import { rearrangements } from "./rearrangements.ts"
import { reductions } from "./reductions.ts"
import type { KernelSet } from "./registry.ts"
import { softmaxes } from "./softmaxGradients.ts"

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
