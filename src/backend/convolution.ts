import type { KernelSet } from "./registry.ts"

/** What convolutions need to be trained. */
export const convolution: KernelSet = { gradients: [], kernels: [] }
