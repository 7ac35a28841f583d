import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly adam: (
    ...args: [
      ...[count: number, gradient: number, first: number, second: number, parameter: number],
      ...[beta1: number, beta2: number, offset: number, size: number, shrink: number, apply: number],
      ...[update: number, nextFirst: number, nextSecond: number]
    ]
  ) => void
  readonly axpy: (count: number, factor: number, x: number, y: number, out: number) => void
  readonly scale: (count: number, factor: number, x: number, out: number) => void
  readonly sumOfSquares: (count: number, x: number) => number
}

// These have names of our own and are called only where the companion module is there. Each takes the tensors of a whole
// tree, of several trees one after the other, since to call a kernel costs as much as it takes for thousands of values.

/** The inputs as so many lists of one length. */
const lists = ({ inputs }: KernelCall, count: number): ReadonlyArray<ReadonlyArray<Tensor>> => {
  const all = Object.values(inputs), length = all.length / count
  return Array.from({ length: count }, (_, i) => all.slice(i * length, (i + 1) * length))
}

const outputsLike = (tensors: ReadonlyArray<Tensor>, backend: unknown): Array<TensorInfo> =>
  tensors.map(({ shape }) => wasmBackend(backend).makeOutput(shape, "float32"))

/**
 * A step of Adam, for gradients, moments and parameters: the updates, or with `apply` the next parameters, and the next
 * moments. 2.1 elements per nanosecond, which its division and its root allow; nine operations made 0.33.
 */
const adamWasm: KernelOverride = {
  kernelName: "AdamUpdate",
  backendName: "wasm",
  kernel: (call) => {
    const [gradients, firsts, seconds, parameters] = lists(call, 4), fast = companion<Functions>()!
    const { beta1, beta2, offset, shrink, size } = call.attrs as { readonly [name: string]: number }
    const [updates, nextFirsts, nextSeconds] = [0, 1, 2].map(() => outputsLike(gradients!, call.backend))
    gradients!.forEach((gradient, i) =>
      fast.adam(
        ...[gradient.size, pointer(gradient), pointer(firsts![i]!), pointer(seconds![i]!)] as const,
        ...[pointer(parameters![i]!), beta1!, beta2!, offset!, size!, shrink!, call.attrs["apply"] ? 1 : 0] as const,
        ...[pointer(updates![i]!), pointer(nextFirsts![i]!), pointer(nextSeconds![i]!)] as const
      )
    )
    return [...updates!, ...nextFirsts!, ...nextSeconds!]
  }
}

/** factor · x + y, for two lists of tensors of equal shapes. */
const axpyWasm: KernelOverride = {
  kernelName: "Axpy",
  backendName: "wasm",
  kernel: (call) => {
    const [xs, ys] = lists(call, 2), outs = outputsLike(ys!, call.backend), fast = companion<Functions>()!
    const factor = call.attrs["factor"] as number
    outs.forEach((out, i) => fast.axpy(xs![i]!.size, factor, pointer(xs![i]!), pointer(ys![i]!), pointer(out)))
    return outs
  }
}

/** All values, times so much that the root of the sum of their squares is at most `max`. */
const clipByGlobalNormWasm: KernelOverride = {
  kernelName: "ClipByGlobalNorm",
  backendName: "wasm",
  kernel: (call) => {
    const xs = Object.values(call.inputs), outs = outputsLike(xs, call.backend), fast = companion<Functions>()!
    const max = call.attrs["max"] as number
    let squares = 0
    for (const x of xs) squares += fast.sumOfSquares(x.size, pointer(x))
    const factor = max / Math.max(Math.sqrt(squares), max)
    outs.forEach((out, i) => fast.scale(xs[i]!.size, factor, pointer(xs[i]!), pointer(out)))
    return outs
  }
}

/** Kernels that optimizers call where the backend has them. */
export const optimizersWasm: ReadonlyArray<KernelOverride> = [adamWasm, axpyWasm, clipByGlobalNormWasm]
