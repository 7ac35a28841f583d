import { flat } from "./elementwise.ts"
import type { KernelSet } from "./registry.ts"

/** And, or, not. */
export const logic: KernelSet = {
  gradients: [flat("LogicalAnd", "a", "b"), flat("LogicalOr", "a", "b"), flat("LogicalNot", "x")],
  kernels: []
}
