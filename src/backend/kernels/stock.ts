import { add, cast, fill, mul, rsqrt, sub, tidy, util } from "@tensorflow/tfjs-core"
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { fail, shapeOf } from "../checks.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

// Stock kernels of the WebAssembly backend that leave an output unwritten, end the module, or mistake its type, for
// calls that nothing says they do not take.

const override = (kernelName: string, kernel: KernelOverride["kernel"]): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel
})

/** What a kernel of integers makes of some inputs that are booleans, as booleans. */
const ofBooleans = (
  call: KernelCall,
  names: ReadonlyArray<string>,
  run: (call: KernelCall) => TensorInfo
): TensorInfo => {
  const integers = names.map((name) => cast(call.inputs[name]!, "int32"))
  const y = run({
    ...call,
    inputs: { ...call.inputs, ...Object.fromEntries(names.map((name, i) => [name, integers[i]!])) }
  })
  const out = wasmBackend(call.backend).makeOutput(y.shape, "bool")
  heapView(call.backend, out).set(heapView(call.backend, y))
  for (const tensor of integers) tensor.dispose()
  wasmBackend(call.backend).disposeData(y.dataId)
  return out
}

/** What a reduction makes of nothing, which stock kernels do not write, or write as NaN. */
const ofNothing = (kernelName: string, value: number): ReadonlyArray<KernelOverride> =>
  ["wasm", "cpu"].map((backendName) => ({
    kernelName,
    backendName,
    kernel: (call, stock) => {
      const out = stock(call as never) as TensorInfo
      if (call.inputs["x"]!.size > 0) return out
      const { dtype, shape } = out
      wasmBackend(call.backend).disposeData(out.dataId)
      const whole = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value))
      return fill(shape, dtype === "int32" ? whole : value, dtype as "float32")
    }
  }))

export const reductionsOfNothing = [
  ...ofNothing("Prod", 1),
  ...ofNothing("Any", 0),
  ...ofNothing("All", 1),
  ...ofNothing("Max", -Infinity),
  ...ofNothing("Min", Infinity)
]

/** Of booleans the stock kernel makes what it should not. */
export const selectOfBooleansWasm = override("Select", (call, stock) => {
  const run = (call: KernelCall) => stock(call as never) as TensorInfo, { e, t } = call.inputs
  return t!.dtype === "bool" && e!.dtype === "bool" ? ofBooleans(call, ["t", "e"], run) : run(call)
})

/** The stock kernel writes no booleans. */
export const reverseWasm = override("Reverse", (call, stock) => {
  const run = (call: KernelCall) => stock(call as never) as TensorInfo
  return call.inputs["x"]!.dtype === "bool" ? ofBooleans(call, ["x"], run) : run(call)
})

/** What the stock kernel copies it takes for floats, whatever it is. */
export const stridedSliceWasm = override("StridedSlice", (call, stock) => {
  const run = (call: KernelCall): TensorInfo => {
    const y = stock(call as never) as TensorInfo, { dtype } = call.inputs["x"]!
    if (dtype !== "int32" || y.dtype === dtype) return y
    const backend = wasmBackend(call.backend), out = backend.makeOutput(y.shape, dtype)
    const bits = heapView(call.backend, y)
    heapView(call.backend, out).set(new Int32Array(bits.buffer, bits.byteOffset, bits.length))
    backend.disposeData(y.dataId)
    return out
  }
  return call.inputs["x"]!.dtype === "bool" ? ofBooleans(call, ["x"], run) : run(call)
})

const whereEmpty = (kernelName: string, shapeOf: (x: Tensor, call: KernelCall) => ReadonlyArray<number>) =>
  override(kernelName, (call, stock) => {
    const x = call.inputs["x"]!
    return x.size > 0 ? stock(call as never) : wasmBackend(call.backend).makeOutput(shapeOf(x, call), "float32")
  })

/** These divide by a size of 0. */
export const preluWasm = whereEmpty("Prelu", ({ shape }) => shape)
export const depthToSpaceWasm = whereEmpty("DepthToSpace", ({ shape }, { attrs: { blockSize, dataFormat } }) => {
  const block = blockSize as number, [first, ...rest] = shape as [number, ...Array<number>]
  util.assert(shape.length === 4, () => `depthToSpace expects images of rank 4, got [${shape}]`)
  const [height, width, depth] = (dataFormat === "NHWC" ? rest : [rest[1], rest[2], rest[0]]) as [
    number,
    number,
    number
  ]
  const sizes = [height * block, width * block], channels = depth / block ** 2
  return dataFormat === "NHWC" ? [first, ...sizes, channels] : [first, channels, ...sizes]
})

/**
 * Stock kernels take what is not of one value per channel round and round. Moments that can be broadcast in other ways
 * are composed, and those that cannot are refused.
 */
export const batchNormChecked: ReadonlyArray<KernelOverride> = ["wasm", "cpu"].map((backendName) => ({
  kernelName: "FusedBatchNorm",
  backendName,
  kernel: (call, stock) => {
    const { mean, offset, scale, variance, x } = call.inputs as Record<string, Tensor | undefined>
    const [{ shape }, ...others] = [x!, mean!, variance!, scale, offset], channels = shape.at(-1)
    const given = others.filter((tensor) => tensor !== undefined)
    const perChannel = given.every((tensor) => tensor.size === channels && tensor.shape.at(-1) === channels)
    if (perChannel || given.every((tensor) => util.arraysEqual(tensor.shape, shape))) return stock(call as never)
    for (const tensor of given) {
      const ahead = shape.length - tensor.rank
      const fits = ahead >= 0 && tensor.shape.every((n, axis) => n === 1 || n === shape[axis + ahead])
      if (!fits) {
        fail("batchNorm", `moments, scale and offset of ${channels} channels for x ${shapeOf(x!)}`, shapeOf(tensor))
      }
    }
    return tidy(() => {
      const inverse = rsqrt(add(variance!, call.attrs["varianceEpsilon"] as number))
      const normal = mul(sub(x!, mean!), scale === undefined ? inverse : mul(inverse, scale))
      return offset === undefined ? normal : add(normal, offset)
    })
  }
}))
