import { backend_util } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

type Functions = { readonly [kernelName: string]: (...args: ReadonlyArray<number>) => void }

type Scalars = (attrs: NamedAttrMap) => ReadonlyArray<number>
const none: Scalars = () => []

// Nanoseconds per element: of a pass over memory, about, and of functions as a rule.
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
const unary = (kernelName: string, scalars = none, name = kernelName): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, run = companion<Functions>()?.[name]
    if (run === undefined || x.dtype !== "float32") return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(x.shape, "float32")
    overElements(name, x.size, [x, out], scalars(call.attrs))
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

/** Of operands of one size, or of which one is a scalar or is repeated along leading axes. Commutative. */
const extremum = (kernelName: string): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock): TensorInfo | Array<TensorInfo> => {
    const { a, b } = call.inputs, run = companion<Functions>()?.[kernelName]
    if (run === undefined || a!.dtype !== "float32" || b!.dtype !== "float32") return stock(call as never)
    const shape = backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape)
    const size = shape.reduce((x, y) => x * y, 1)
    const [whole, other] = a!.size === size ? [a!, b!] : [b!, a!]
    // Repeated along leading axes: without leading ones its shape is the end of the other.
    const first = other.shape.findIndex((n) => n !== 1), row = first < 0 ? [] : other.shape.slice(first)
    const repeats = row.every((n, i) => n === shape[shape.length - row.length + i])
    if (size === 0 || whole.size !== size || !repeats) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(shape, "float32")
    run(size / other.size, other.size, pointer(whole), pointer(other), pointer(out))
    return out
  }
})

const alpha: Scalars = ({ alpha }) => [alpha as number]
const limits: Scalars = ({ clipValueMax, clipValueMin }) => [clipValueMin as number, clipValueMax as number]
/**
 * Functions under stock names, and gradients of our own. Those that clamp give NaN for NaN, where the stock ones give a
 * limit. In Gelem/s, stock and here, of 100,000 values on a machine whose memory gives 13 (relu): Tanh 0.07 and 1.5,
 * Exp 0.6 and 1.9, Log 0.4 and 1.1, Erf 0.1 and 0.9, Sqrt 0.9 and 3.5, Selu 0.2 and 1.8, LeakyRelu 0.3 and 9.6, Maximum
 * 0.1 and 6. Gradients, composed and here: relu 2.7 and 6.5, tanh 0.07 and 1.2, elu 0.09 and 1.6.
 */
export const elementwiseWasm: ReadonlyArray<KernelOverride> = [
  ...["Tanh", "Sqrt", "Rsqrt", "Exp", "Log", "Erf", "Softplus", "Sign", "Relu6", "Elu", "Selu", "Gelu", "Swish"].map((
    name
  ) => unary(name)),
  unary("LeakyRelu", alpha),
  unary("ClipByValue", limits),
  // The stock kernel is as fast, but in one thread only.
  unary("Relu", () => [0, Infinity], "ClipByValue"),
  extremum("Maximum"),
  extremum("Minimum"),
  ...["Relu", "Relu6", "Elu", "Selu", "Tanh", "Sigmoid", "Erf", "Gelu", "Swish"].map((name) =>
    gradient(`${name}Gradient`)
  ),
  gradient("LeakyReluGradient", alpha),
  gradient("ClipByValueGradient", limits)
]
