import { oneHotWasm } from "../backend/kernels/oneHot.ts"
import type { KernelSet } from "../backend/registry.ts"
import { flat } from "./elementwise.ts"

/** Zeros, ones and one-hot rows, which are flat in what they are made of. */
export const creation: KernelSet = {
  gradients: [flat("ZerosLike", "x"), flat("OnesLike", "x"), flat("OneHot", "indices")],
  kernels: [oneHotWasm]
}
