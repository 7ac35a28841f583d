import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

type Functions = { readonly [kernelName: string]: (...args: ReadonlyArray<number>) => void | 0 | 1 }

type Scalars = (attrs: NamedAttrMap) => ReadonlyArray<number>
const none: Scalars = () => []

// Nanoseconds for an element, at least: a pass over memory.
const PASS = 0.2

/** Calls a function of a count of elements and of where they are. */
const overElements = (
  name: string,
  count: number,
  tensors: ReadonlyArray<TensorInfo>,
  scalars: ReadonlyArray<number>
): void => {
  const pointers = tensors.map(pointer)
  share(
    name,
    { count, unit: 64, work: count * PASS },
    (first, some) => [some, ...pointers.map((p) => p + 4 * first), ...scalars]
  )
}

// The companion's functions bear the names of their kernels.
const unary = (kernelName: string, scalars = none): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, run = companion<Functions>()?.[kernelName]
    if (run === undefined || x.dtype !== "float32") return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(x.shape, "float32")
    overElements(kernelName, x.size, [x, out], scalars(call.attrs))
    return out
  }
})

/** A kernel of this package: what its function makes of the incoming gradient and the input. */
const gradient = (kernelName: string, scalars = none): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const { dy, x } = call.inputs, run = companion<Functions>()?.[kernelName]
    if (run === undefined) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(x!.shape, "float32")
    overElements(kernelName, x!.size, [dy!, x!, out], scalars(call.attrs))
    return out
  }
})

/**
 * With a loop in JavaScript where the companion is not there, or says with a 0 that a value is beyond its range: the
 * stock kernels have 0 for small numbers.
 */
const exact = (kernelName: string, f: (x: number) => number): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!
    if (x.dtype !== "float32") return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(x.shape, "float32")
    const done = companion<Functions>()?.[kernelName]?.(x.size, pointer(x), pointer(out))
    if (companion() === undefined || done === 0) {
      const from = heapView(call.backend, x), to = heapView(call.backend, out)
      for (let i = 0; i < from.length; i++) to[i] = f(from[i]!)
    }
    return out
  }
})

const alpha: Scalars = ({ alpha }) => [alpha as number]
const limits: Scalars = ({ clipValueMax, clipValueMin }) => [clipValueMin as number, clipValueMax as number]

const clipOfFloats = unary("ClipByValue", limits)

/** The stock kernel takes integers for floats. */
const clip: KernelOverride = {
  ...clipOfFloats,
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, [low, high] = limits(call.attrs) as [number, number]
    if (x.dtype !== "int32") return clipOfFloats.kernel(call, stock)
    const out = wasmBackend(call.backend).makeOutput(x.shape, "int32"), values = heapView(call.backend, x)
    heapView(call.backend, out).set(values.map((value) => value > high ? high : value < low ? low : value))
    return out
  }
}

// Functions under stock names, and gradients of our own. Those that clamp give NaN for NaN, where the stock ones give a
// limit. In Gelem/s, stock and here, of 100,000 values on a machine whose memory gives 13 (relu): Tanh 0.07 and 1.5,
// Exp 0.6 and 1.9, Log 0.4 and 1.1, Erf 0.1 and 0.9, Sqrt 0.9 and 3.5, Selu 0.2 and 1.8, LeakyRelu 0.3 and 9.6, Expm1
// 0.1 and 1.7, Log1p 0.4 and 0.8, Sin 0.05 and 0.7, Sigmoid 1.1 and 1.35. Gradients, composed and here: relu 2.7 and
// 6.5, tanh 0.07 and 1.2, elu 0.09 and 1.6.

export const activationsWasm: ReadonlyArray<KernelOverride> = [
  ...["Tanh", "Sigmoid", "Erf", "Softplus", "Relu", "Relu6", "Elu", "Selu"].map((name) => unary(name)),
  unary("LeakyRelu", alpha),
  clip,
  ...["Relu", "Relu6", "Elu", "Selu", "Tanh", "Sigmoid", "Erf"].map((name) => gradient(`${name}Gradient`)),
  gradient("LeakyReluGradient", alpha),
  gradient("ClipByValueGradient", limits)
]

export const exponentialsWasm: ReadonlyArray<KernelOverride> = [
  ...["Exp", "Expm1", "Log"].map((name) => unary(name)),
  exact("Log1p", Math.log1p)
]

export const rootsWasm: ReadonlyArray<KernelOverride> = ["Sqrt", "Rsqrt"].map((name) => unary(name))

export const sinesWasm: ReadonlyArray<KernelOverride> = [exact("Sin", Math.sin), exact("Cos", Math.cos)]

/** 0 for NaN, as TensorFlow.js has it. */
export const signWasm: KernelOverride = exact("Sign", (x) => x > 0 ? 1 : x < 0 ? -1 : 0)

/** Functions of this package, which no backend has, and their gradients. */
export const gatedWasm: ReadonlyArray<KernelOverride> = ["Gelu", "GeluTanh", "Swish"].flatMap((name) => [
  unary(name),
  gradient(`${name}Gradient`)
])
