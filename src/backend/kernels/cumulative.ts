import type { KernelOverride } from "../registry.ts"

/** The stock kernels take no axis that is counted from the end. */
const cumulative = (kernelName: string, backendName: string): KernelOverride => ({
  kernelName,
  backendName,
  kernel: (call, stock) => {
    const axis = call.attrs["axis"] as number
    const attrs = axis < 0 ? { ...call.attrs, axis: axis + call.inputs["x"]!.shape.length } : call.attrs
    return stock({ ...call, attrs } as never)
  }
})

export const cumulativeKernels: ReadonlyArray<KernelOverride> = ["Cumsum", "Cumprod"].flatMap((kernelName) =>
  ["wasm", "cpu"].map((backendName) => cumulative(kernelName, backendName))
)
