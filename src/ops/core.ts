import { batchMatMulWasm } from "../backend/kernels/batchMatMul.ts"
import { binaryWasm } from "../backend/kernels/binary.ts"
import { concatWasm, sliceWasm, splitWasm } from "../backend/kernels/blocks.ts"
import { cumulativeKernels } from "../backend/kernels/cumulative.ts"
import { elementwiseWasm } from "../backend/kernels/elementwise.ts"
import { gatherWasm, unsortedSegmentSumCpu, unsortedSegmentSumWasm } from "../backend/kernels/gather.ts"
import { castWasm, identityWasm } from "../backend/kernels/identity.ts"
import { maxWasm, meanWasm, minWasm } from "../backend/kernels/meanAndExtrema.ts"
import { oneHotWasm } from "../backend/kernels/oneHot.ts"
import {
  batchNormChecked,
  preluWasm,
  reductionsOfNothing,
  reverseWasm,
  selectOfBooleansWasm
} from "../backend/kernels/stock.ts"
import { sumWasm } from "../backend/kernels/sum.ts"
import { tileWasm } from "../backend/kernels/tile.ts"
import { transposeWasm } from "../backend/kernels/transpose.ts"
import { activations } from "./activations.ts"
import { elementwise } from "./elementwise.ts"
import { matMul } from "./matMul.ts"
import { rearrangements } from "./rearrangements.ts"
import { reductions } from "./reductions.ts"
import type { KernelSet } from "./registry.ts"
import { union } from "./sets.ts"
import { softmaxes } from "./softmax.ts"

const FLOATS = [
  ...["Reciprocal", "Exp", "Expm1", "Log1p", "Asin", "Acos", "Atan", "Sinh", "Asinh", "Acosh", "Atanh", "Erf"],
  ...["Softplus", "LeakyRelu", "Selu", "Atan2", "Prelu", "RealDiv", "FusedBatchNorm"]
]

const NUMBERS = [
  ...["Abs", "Neg", "Square", "Sign", "Step", "Round", "Relu", "Relu6", "ClipByValue", "Cumsum", "Cumprod", "TopK"],
  ...["Add", "Sub", "Multiply", "SquaredDifference", "Pow", "Mod", "FloorDiv", "AddN", "UnsortedSegmentSum"]
]

const basics: KernelSet = {
  gradients: [
    ...elementwise,
    ...matMul,
    ...rearrangements,
    ...reductions
  ],
  takes: {
    ...Object.fromEntries(FLOATS.map((name) => [name, "floats" as const])),
    ...Object.fromEntries(NUMBERS.map((name) => [name, "numbers" as const]))
  },
  kernels: [
    batchMatMulWasm,
    castWasm,
    concatWasm,
    gatherWasm,
    identityWasm,
    maxWasm,
    meanWasm,
    minWasm,
    oneHotWasm,
    preluWasm,
    reverseWasm,
    sliceWasm,
    splitWasm,
    sumWasm,
    tileWasm,
    transposeWasm,
    unsortedSegmentSumCpu,
    unsortedSegmentSumWasm,
    selectOfBooleansWasm,
    ...batchNormChecked,
    ...reductionsOfNothing,
    ...binaryWasm,
    ...cumulativeKernels,
    ...elementwiseWasm
  ]
}

/** What the functions of TensorFlow.js need that are everywhere; what others need comes with the functions of `Ops`. */
export const core: ReadonlyArray<KernelSet> = [union(basics, activations), softmaxes]
