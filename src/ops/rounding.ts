import { signWasm } from "../backend/kernels/elementwise.ts"
import type { KernelSet } from "../backend/registry.ts"
import { flat } from "./elementwise.ts"
import { taking } from "./sets.ts"

/** Steps: whole numbers, signs, and on which side of 0 a value is. */
export const rounding: KernelSet = {
  gradients: ["Floor", "Ceil", "Round", "Sign", "Step"].map((name) => flat(name, "x")),
  kernels: [signWasm],
  takes: taking("numbers", "Round", "Sign", "Step")
}
