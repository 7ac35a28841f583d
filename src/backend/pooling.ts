import { poolingGradients } from "./gradients/pooling.ts"
import { avgPoolGradWasm, maxPoolGradWasm } from "./kernels/pooling.ts"
import type { KernelSet } from "./registry.ts"

/** What pooling needs to be trained. */
export const pooling: KernelSet = {
  gradients: poolingGradients,
  kernels: [maxPoolGradWasm, avgPoolGradWasm]
}
