import { denseGradients } from "./gradients/dense.ts"
import { elementwise } from "./gradients/elementwise.ts"
import { matMul } from "./gradients/matMul.ts"
import { rearrangements } from "./gradients/rearrangements.ts"
import { reductions } from "./gradients/reductions.ts"
import { batchMatMulWasm } from "./kernels/batchMatMul.ts"
import { denseWasm, rectifiedDenseWasm } from "./kernels/dense.ts"
import { elementwiseWasm } from "./kernels/elementwise.ts"
import { gatherWasm, unsortedSegmentSumWasm } from "./kernels/gather.ts"
import { identityWasm } from "./kernels/identity.ts"
import { maxWasm, meanWasm, minWasm } from "./kernels/meanAndExtrema.ts"
import { oneHotWasm } from "./kernels/oneHot.ts"
import { optimizersWasm } from "./kernels/optimizers.ts"
import { crossEntropyGradWasm, crossEntropyWasm, logSoftmaxWasm, softmaxWasm } from "./kernels/softmax.ts"
import { sumWasm } from "./kernels/sum.ts"
import { tileWasm } from "./kernels/tile.ts"
import { transposeWasm } from "./kernels/transpose.ts"
import type { KernelSet } from "./registry.ts"

/** What every model needs; convolution and pooling come with their layers. */
export const core: KernelSet = {
  gradients: [...denseGradients, ...elementwise, ...matMul, ...reductions, ...rearrangements],
  kernels: [
    batchMatMulWasm,
    crossEntropyGradWasm,
    crossEntropyWasm,
    denseWasm,
    gatherWasm,
    identityWasm,
    logSoftmaxWasm,
    maxWasm,
    meanWasm,
    minWasm,
    oneHotWasm,
    rectifiedDenseWasm,
    softmaxWasm,
    sumWasm,
    tileWasm,
    transposeWasm,
    unsortedSegmentSumWasm,
    ...elementwiseWasm,
    ...optimizersWasm
  ]
}
