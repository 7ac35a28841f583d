import type { KernelSet } from "./registry.ts"

/** What pooling needs to be trained. */
export const pooling: KernelSet = { gradients: [], kernels: [] }
