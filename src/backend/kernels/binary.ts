import { backend_util, broadcastTo } from "@tensorflow/tfjs-core"
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

type Functions = { readonly [name: string]: (...args: ReadonlyArray<number>) => void }

/**
 * Operands as [rows, columns]: from row to row an operand moves by `row` values, from column to column by `column`, 0
 * or 1; undefined where they are broadcast along more groups of neighboring axes.
 */
const asMatrices = (shape: ReadonlyArray<number>, a: Tensor, b: Tensor): ReadonlyArray<number> | undefined => {
  const groups: Array<{ size: number; readonly a: boolean; readonly b: boolean }> = []
  shape.forEach((size, axis) => {
    if (size === 1) return
    const moves = (x: Tensor) => (x.shape[axis - shape.length + x.rank] ?? 1) !== 1
    const next = { size, a: moves(a), b: moves(b) }, last = groups.at(-1)
    if (last !== undefined && last.a === next.a && last.b === next.b) last.size *= size
    else groups.push(next)
  })
  if (groups.length > 2) return undefined
  while (groups.length < 2) groups.unshift({ size: 1, a: false, b: false })
  const [outer, inner] = groups as [typeof groups[0], typeof groups[0]]
  const steps = (x: "a" | "b") => [outer[x] ? inner[x] ? inner.size : 1 : 0, inner[x] ? 1 : 0]
  return [outer.size, inner.size, ...steps("a"), ...steps("b")]
}

/** Calls a function of the companion with both operands, and what comes after them. */
const combined = (
  { backend, inputs }: KernelCall,
  dtype: "float32" | "bool",
  run: (...args: ReadonlyArray<number>) => void,
  ...more: ReadonlyArray<number>
): TensorInfo => {
  const a = inputs["a"]!, b = inputs["b"]!, shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape)
  const matrices = asMatrices(shape, a, b)
  const whole = matrices === undefined ? [broadcastTo(a, shape), broadcastTo(b, shape)] : []
  const out = wasmBackend(backend).makeOutput(shape, dtype)
  const [rows, columns, aRow, aColumn, bRow, bColumn] = matrices ?? [1, whole[0]!.size, 0, 1, 0, 1]
  const [left, right] = matrices === undefined ? whole : [a, b]
  run(rows!, columns!, pointer(left!), aRow!, aColumn!, pointer(right!), bRow!, bColumn!, ...more, pointer(out))
  for (const tensor of whole) tensor.dispose()
  return out
}

const areFloats = ({ inputs }: KernelCall): boolean =>
  inputs["a"]!.dtype === "float32" && inputs["b"]!.dtype === "float32"

const isEmpty = ({ inputs }: KernelCall): boolean => inputs["a"]!.size === 0 || inputs["b"]!.size === 0

const extremum = (kernelName: string): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const run = companion<Functions>()?.[kernelName]
    return run === undefined || !areFloats(call) || isEmpty(call)
      ? stock(call as never)
      : combined(call, "float32", run)
  }
})

/** `swapped` has the operands the other way round, `inverted` gives the opposite. */
const comparison = (
  kernelName: string,
  name: "greater" | "greaterEqual" | "equal",
  { inverted = false, swapped = false } = {}
): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const run = companion<Functions>()?.[name], { a, b } = call.inputs
    if (run === undefined || !areFloats(call) || isEmpty(call)) return stock(call as never)
    return combined(swapped ? { ...call, inputs: { a: b!, b: a! } } : call, "bool", run, inverted ? 1 : 0)
  }
})

export const selectWasm: KernelOverride = {
  kernelName: "Select",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { condition, e, t } = call.inputs, run = companion<Functions>()?.["select"]
    const covered = t!.dtype === e!.dtype && (t!.dtype === "float32" || t!.dtype === "int32") &&
      condition!.size === t!.size && condition!.dtype === "bool"
    if (run === undefined || !covered) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(t!.shape, t!.dtype as "float32" | "int32")
    run(t!.size, pointer(condition!), pointer(t!), pointer(e!), pointer(out))
    return out
  }
}

/** Powers of 1 to 4 are products; others are left to the stock kernel, of 0.1 values per nanosecond. */
export const powWasm: KernelOverride = {
  kernelName: "Pow",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { a, b } = call.inputs, run = companion<Functions>()?.["power"]
    if (run === undefined || !areFloats(call) || b!.size !== 1 || b!.rank > a!.rank) return stock(call as never)
    const exponent = heapView(call.backend, b!)[0]!
    if (![1, 2, 3, 4].includes(exponent)) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(a!.shape, "float32")
    run(a!.size, pointer(a!), pointer(out), exponent)
    return out
  }
}

// Functions of two operands, of every way to broadcast, under stock names. Extrema are NaN where an operand is. In
// Gelem/s, stock and here, of 100,000 values: extrema 0.12 and 4 to 6 (0.02 and 4.6 for a column against a matrix),
// comparisons 0.35 and 5, selection 0.65 and 3.8, squares as powers 0.02 and 5.

export const extremaWasm: ReadonlyArray<KernelOverride> = [extremum("Maximum"), extremum("Minimum")]

export const comparisonsWasm: ReadonlyArray<KernelOverride> = [
  comparison("Greater", "greater"),
  comparison("GreaterEqual", "greaterEqual"),
  comparison("Less", "greater", { swapped: true }),
  comparison("LessEqual", "greaterEqual", { swapped: true }),
  comparison("Equal", "equal"),
  comparison("NotEqual", "equal", { inverted: true })
]
