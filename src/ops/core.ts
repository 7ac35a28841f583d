import { batchNormChecked } from "../backend/kernels/stock.ts"
import type { KernelSet } from "../backend/registry.ts"
import { activations } from "./activations.ts"
import { arithmetic } from "./arithmetic.ts"
import { comparisons } from "./comparisons.ts"
import { concats } from "./concat.ts"
import { creation } from "./creation.ts"
import { exponentials } from "./exponentials.ts"
import { extrema } from "./extrema.ts"
import { gathers } from "./gather.ts"
import { hyperbolic } from "./hyperbolic.ts"
import { identities } from "./identity.ts"
import { logic } from "./logic.ts"
import { matMul } from "./matMul.ts"
import { pads } from "./pad.ts"
import { powers } from "./powers.ts"
import { reductions } from "./reductions.ts"
import { reshapes } from "./reshape.ts"
import { reverses } from "./reverse.ts"
import { rounding } from "./rounding.ts"
import { segmentSums } from "./segmentSum.ts"
import { taking, union } from "./sets.ts"
import { slices } from "./slice.ts"
import { softmaxes } from "./softmax.ts"
import { splits } from "./split.ts"
import { tiles } from "./tile.ts"
import { transposes } from "./transpose.ts"
import { trigonometry } from "./trigonometry.ts"
import { selection } from "./where.ts"

/** What stock kernels mistake, of operations whose gradients come with the functions of `Ops`. */
const checked: KernelSet = {
  gradients: [],
  kernels: batchNormChecked,
  takes: {
    ...taking("floats", "Asinh", "Acosh", "Atanh", "FusedBatchNorm"),
    ...taking("numbers", "TopK")
  }
}

const basics: ReadonlyArray<KernelSet> = [
  ...[arithmetic, powers, exponentials, trigonometry, hyperbolic, extrema, activations],
  ...[comparisons, logic, selection, rounding, creation],
  ...[identities, reshapes, transposes, reverses, tiles, slices, pads, concats, splits, gathers, segmentSums],
  ...[matMul, reductions, checked]
]

/** What the functions of TensorFlow.js need that are everywhere; what others need comes with the functions of `Ops`. */
export const core: ReadonlyArray<KernelSet> = [union(...basics), softmaxes]
