import { comparisonsWasm } from "../backend/kernels/binary.ts"
import type { KernelSet } from "../backend/registry.ts"
import { flat } from "./elementwise.ts"

/** Comparisons of two, and of one with what is no finite number. */
export const comparisons: KernelSet = {
  gradients: [
    ...["Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual"].map((name) => flat(name, "a", "b")),
    ...["IsNan", "IsInf", "IsFinite"].map((name) => flat(name, "x"))
  ],
  kernels: comparisonsWasm
}
