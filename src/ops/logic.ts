import type { KernelSet } from "../backend/registry.ts"
import { flat } from "./elementwise.ts"

/** And, or, not. */
export const logic: KernelSet = {
  gradients: [flat("LogicalAnd", "a", "b"), flat("LogicalOr", "a", "b"), flat("LogicalNot", "x")],
  kernels: []
}
