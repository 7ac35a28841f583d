import type { KernelOverride } from "../registry.ts"
import { reduced } from "./reduction.ts"

const reduction = (kernelName: string, kind: "mean" | "max" | "min", axisName: string): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) =>
    reduced(kind, call.inputs["x"]!, call.attrs[axisName], call.attrs["keepDims"], call.backend) ?? stock(call as never)
})

/** Means over leading, trailing or middle axes. The stock kernel transposes what is not trailing. */
export const meanWasm: KernelOverride = reduction("Mean", "mean", "axis")

/** Maxima, which are NaN where a value is. */
export const maxWasm: KernelOverride = reduction("Max", "max", "reductionIndices")

/** Minima, which are NaN where a value is. */
export const minWasm: KernelOverride = reduction("Min", "min", "axis")
