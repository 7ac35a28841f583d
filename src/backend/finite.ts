import { abs, backend, getBackend, stack, sum } from "@tensorflow/tfjs-core"
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "./companion/companion.ts"
import { heapView } from "./wasmHeap.ts"

interface Functions {
  readonly sumOfSquares: (count: number, x: number) => number
}

// Marks the data of tensors that hold finite values only. Kernels that pass over all values anyway say so of what they
// make: a pass of its own would cost some percent of a step, and a WeakSet of such data one.
const finite = Symbol("finite")

type Data = { [finite]?: true }

/** Says that tensors hold finite values only. */
export const markFinite = (tensors: ReadonlyArray<TensorInfo>): void => {
  for (const { dataId } of tensors) (dataId as Data)[finite] = true
}

/** Whether a tensor may hold a value that is not finite. */
export const isSuspect = ({ dataId, dtype, isDisposed }: Tensor): boolean =>
  dtype === "float32" && (dataId as Data)[finite] !== true && !isDisposed

/**
 * A number for each tensor, finite if all its values are, but for very large ones: for a device, which is asked once.
 */
export const sumsOf = (tensors: ReadonlyArray<Tensor>): Tensor => stack(tensors.map((x) => sum(abs(x))))

/** The first value of a tensor that is not finite, where they lie in the memory of this thread. */
export const nonFiniteOf = (x: Tensor): number | undefined => {
  if (getBackend() !== "wasm") return firstNonFinite(x.dataSync() as Float32Array)
  const squares = companion<Functions>()?.sumOfSquares(x.size, pointer(x))
  // Squares overflow before their roots do.
  return squares !== undefined && Number.isFinite(squares) ? undefined : firstNonFinite(heapView(backend(), x))
}

/** The first of some values that is not finite. */
export const firstNonFinite = (values: ArrayLike<number>): number | undefined => {
  // A sum takes a fourth of the time that it takes to ask for each.
  let nothing = 0
  for (let i = 0; i < values.length; i++) nothing += values[i]! - values[i]!
  return nothing === 0 ? undefined : Array.from(values).find((value) => !Number.isFinite(value))
}
