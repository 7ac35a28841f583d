import type { TensorInfo } from "@tensorflow/tfjs-core"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

const shared = ({ backend, inputs }: KernelCall): TensorInfo => {
  const { dataId, dtype, shape } = inputs["x"]!
  wasmBackend(backend).incRef(dataId)
  return { dataId, shape, dtype }
}

/**
 * A copy that shares the memory of its input. The stock kernel copies, and the tape makes some twenty copies per step.
 * Safe because kernels never write to their inputs.
 */
export const identityWasm: KernelOverride = {
  kernelName: "Identity",
  backendName: "wasm",
  kernel: (call, stock) => call.inputs["x"]!.dtype === "string" ? stock(call as never) : shared(call)
}

/** The same for a cast that changes nothing: the engine's gradient of a copy is a cast to float32. */
export const castWasm: KernelOverride = {
  kernelName: "Cast",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { dtype } = call.inputs["x"]!
    return dtype === call.attrs["dtype"] && dtype !== "string" ? shared(call) : stock(call as never)
  }
}
