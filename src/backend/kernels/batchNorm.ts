import type { Tensor } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

type Numbers = (rows: number, columns: number, epsilon: number, ...pointers: ReadonlyArray<number>) => void

interface Functions {
  readonly sumsScratch: (columns: number) => number
  readonly batchNorm: Numbers
  readonly batchNormGradient: Numbers
  readonly batchNormInference: Numbers
}

/** With moments that are given. 7 values per nanosecond; the stock kernel 0.4. */
export const fusedBatchNormWasm: KernelOverride = {
  kernelName: "FusedBatchNorm",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { mean, offset, scale, variance, x } = call.inputs as { readonly [name: string]: Tensor | undefined }
    const fast = companion<Functions>(), columns = x!.shape.at(-1)
    const covered = [x, mean, variance, scale, offset].every((tensor) =>
      !tensor ||
      tensor.dtype === "float32" && (tensor === x || tensor.size === columns && tensor.shape.at(-1) === columns)
    )
    if (fast === undefined || x!.size === 0 || !covered) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(x!.shape, "float32"), space = scratch(8 * columns!)
    const [scales, offsets] = [scale, offset].map((tensor) => tensor ? pointer(tensor) : 0) as [number, number]
    const epsilon = call.attrs["varianceEpsilon"] as number
    const moments = [x!, mean!, variance!].map(pointer) as [number, number, number]
    fast.batchNormInference(x!.size / columns!, columns!, epsilon, ...moments, scales, offsets, pointer(out), space)
    return out
  }
}

// Those of training have names of our own.

/** `[y, mean, variance]` of x, scale and offset, with the moments of the batch. */
export const batchNormTrainingWasm: KernelOverride = {
  kernelName: "BatchNormTraining",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { attrs, backend, inputs } = call, fast = companion<Functions>()
    const x = inputs["x"]!, columns = x.shape.at(-1)!
    if (fast === undefined || x.size === 0) return stock(call as never)
    const outputs = [x.shape, [columns], [columns]].map((shape) => wasmBackend(backend).makeOutput(shape, "float32"))
    const space = scratch(fast.sumsScratch(columns) + 16 * columns)
    const pointers = [x, inputs["scale"]!, inputs["offset"]!, ...outputs].map(pointer)
    fast.batchNorm(x.size / columns, columns, attrs["epsilon"] as number, ...pointers, space)
    return outputs
  }
}

/** `[dx, dscale, doffset]`, given the gradients by the three outputs. */
export const batchNormTrainingGradWasm: KernelOverride = {
  kernelName: "BatchNormTrainingGrad",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { attrs, backend, inputs } = call, fast = companion<Functions>()
    const x = inputs["x"]!, columns = x.shape.at(-1)!
    if (fast === undefined || x.size === 0) return stock(call as never)
    const outputs = [x.shape, [columns], [columns]].map((shape) => wasmBackend(backend).makeOutput(shape, "float32"))
    const space = scratch(36 * columns)
    const pointers = [
      ...["x", "scale", "mean", "variance", "dy", "dmean", "dvariance"].map((name) => inputs[name]!),
      ...outputs
    ].map(pointer)
    const epsilon = attrs["epsilon"] as number
    fast.batchNormGradient(x.size / columns, columns, epsilon, ...pointers, space)
    return outputs
  }
}
