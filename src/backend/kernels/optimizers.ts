import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import { parallel, partsOf } from "../companion/parallel.ts"
import { markFinite } from "../finite.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly sumOfSquares: (count: number, x: number) => number
}

// These have names of our own. Each takes the tensors of a whole
// tree, of several trees one after the other, since to call a kernel costs as much as it takes for thousands of values.

/** The inputs as so many lists of one length. */
const lists = ({ inputs }: KernelCall, count: number): ReadonlyArray<ReadonlyArray<Tensor>> => {
  const all = Object.values(inputs), length = all.length / count
  return Array.from({ length: count }, (_, i) => all.slice(i * length, (i + 1) * length))
}

const outputsLike = (tensors: ReadonlyArray<Tensor>, backend: unknown): Array<TensorInfo> =>
  tensors.map(({ shape }) => wasmBackend(backend).makeOutput(shape, "float32"))

/**
 * Calls a function of a count of values for each tensor of a list, of which `work` is the nanoseconds that a value
 * takes; `chunk` makes its arguments for the tensor `i` from the value `first` on. Gives what the calls return.
 */
const forAll = (
  name: string,
  tensors: ReadonlyArray<TensorInfo>,
  work: number,
  chunk: (i: number, first: number, count: number) => ReadonlyArray<number>
): ReadonlyArray<number> => {
  const sizes = tensors.map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const chunks = sizes.flatMap((size, i) =>
    partsOf(size, 64, size * work).map(([first, count]) => chunk(i, first, count))
  )
  return parallel(name, chunks, { work: sizes.reduce((a, b) => a + b, 0) * work })
}

/** Addresses of the float `at` in tensors. */
const floats = (at: number, ...tensors: ReadonlyArray<TensorInfo>): ReadonlyArray<number> =>
  tensors.map((tensor) => pointer(tensor) + 4 * at)

/**
 * A step of Adam, for gradients, moments and parameters: the updates, or with `apply` the next parameters, and the next
 * moments. 2.1 elements per nanosecond, which its division and its root allow; nine operations made 0.33.
 */
export const adamWasm: KernelOverride = {
  kernelName: "AdamUpdate",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (companion() === undefined) return stock(call as never)
    const [gradients, firsts, seconds, parameters] = lists(call, 4)
    const { beta1, beta2, offset, shrink, size } = call.attrs as { readonly [name: string]: number }
    const [updates, nextFirsts, nextSeconds] = [0, 1, 2].map(() => outputsLike(gradients!, call.backend))
    const nothing = forAll("adam", gradients!, 0.5, (i, first, count) => [
      ...[count, ...floats(first, gradients![i]!, firsts![i]!, seconds![i]!, parameters![i]!)],
      ...[beta1!, beta2!, offset!, size!, shrink!, call.attrs["apply"] ? 1 : 0],
      ...floats(first, updates![i]!, nextFirsts![i]!, nextSeconds![i]!)
    ])
    const made = [...updates!, ...nextFirsts!, ...nextSeconds!]
    if (nothing.every((x) => x === 0)) markFinite(made)
    return made
  }
}

/** factor · x + y, for two lists of tensors of equal shapes. */
export const axpyWasm: KernelOverride = {
  kernelName: "Axpy",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (companion() === undefined) return stock(call as never)
    const [xs, ys] = lists(call, 2), outs = outputsLike(ys!, call.backend)
    const factor = call.attrs["factor"] as number
    const chunk = (i: number, first: number, count: number) => [
      ...[count, factor],
      ...floats(first, xs![i]!, ys![i]!, outs[i]!)
    ]
    if (forAll("axpy", outs, 0.25, chunk).every((x) => x === 0)) markFinite(outs)
    return outs
  }
}

const squaresOf = (xs: ReadonlyArray<TensorInfo>): number => {
  const fast = companion<Functions>()!
  return xs.reduce((sum, x) => sum + fast.sumOfSquares(x.shape.reduce((a, b) => a * b, 1), pointer(x)), 0)
}

/** The sum of the squares of all values, a scalar. */
export const sumOfSquaresWasm: KernelOverride = {
  kernelName: "SumOfSquares",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (companion() === undefined) return stock(call as never)
    const backend = wasmBackend(call.backend), out = backend.makeOutput([], "float32")
    backend.typedArrayFromHeap(out)[0] = squaresOf(Object.values(call.inputs))
    return out
  }
}

/** All values, times so much that the root of the sum of their squares is at most `max`. */
export const clipByGlobalNormWasm: KernelOverride = {
  kernelName: "ClipByGlobalNorm",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (companion() === undefined) return stock(call as never)
    const xs = Object.values(call.inputs), outs = outputsLike(xs, call.backend)
    const max = call.attrs["max"] as number, factor = max / Math.max(Math.sqrt(squaresOf(xs)), max)
    forAll("scale", outs, 0.2, (i, first, count) => [count, factor, ...floats(first, xs[i]!, outs[i]!)])
    return outs
  }
}
