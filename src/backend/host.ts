import { backend, engine, tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { arrayExpected, isArrayLike, problemOf } from "../core/hostArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { isBranch, mapLeaves } from "../core/structure.ts"
import type * as Tree from "../core/Tree.ts"
import { heapView, wasmBackend } from "./wasmHeap.ts"

/**
 * The tensors of a tree of host arrays: int32 for `Int32Array`, else float32 (bytes keep their values, 0 to 255).
 * Call it inside `Backend.tensors`. Throws a `RangeError` for what is no host array, with its path.
 *
 * @example
 * ```ts
 * import { Backend, NdArray } from "effect-neuron"
 *
 * Backend.toTensors({ x: NdArray.make([1, 2], [1, 2]) }).x.arraySync() // => [[1, 2]]
 * ```
 */
export const toTensors = <H extends HostTree>(tree: H): Tree.TensorsOf<H> =>
  mapLeaves(tree, (node) => isArrayLike(node) || !isBranch(node), (leaf: NdArray, path) => {
    const wrong = problemOf(leaf)
    if (wrong === undefined) return upload(leaf)
    throw new RangeError(`${path === "" ? "toTensors" : path} expects ${arrayExpected}, got ${wrong}`)
  }) as Tree.TensorsOf<H>

const upload = ({ data, shape }: NdArray): Tensor => {
  if (data instanceof Int32Array) return tensor(data, [...shape], "int32")
  if (data instanceof Uint8Array && engine().backendName === "wasm") {
    // Bytes become floats where they land: an array in between costs as much as a small training step.
    const landed = wasmBackend(backend()).makeOutput(shape, "float32")
    heapView(backend(), landed).set(data)
    return engine().makeTensorFromTensorInfo(landed)
  }
  return tensor(data, [...shape], "float32")
}

/**
 * A copy of a tensor's values in host memory; waits for the device to have them, which WebGPU cannot: there it throws,
 * and `Backend.read` serves. Throws for a tensor of strings or complex numbers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Backend } from "effect-neuron"
 *
 * Backend.toHost(tf.tensor1d([1, 2])) // => { data: Float32Array.of(1, 2), shape: [2] }
 * ```
 */
export const toHost = (x: Tensor): NdArray => {
  if (engine().backendName === "webgpu") {
    throw new Error("values on WebGPU cannot be waited for: read them by Backend.read")
  }
  return { data: numbersOf(x, x.dataSync()), shape: x.shape }
}

/** The values of a tensor as host arrays hold them, which no strings and complex numbers are. */
export const numbersOf = ({ dtype }: Tensor, values: unknown): NdArray["data"] => {
  if (dtype === "string" || dtype === "complex64") {
    throw new RangeError(`a host array holds float32, int32 or bytes, not a tensor of ${dtype}`)
  }
  return values as NdArray["data"]
}
