import type { TensorInfo } from "@tensorflow/tfjs-core"

/** The part of the WebAssembly backend that kernels written here stand on. */
export interface WasmBackend {
  readonly makeOutput: (shape: ReadonlyArray<number>, dtype: "float32" | "int32" | "bool") => TensorInfo
  readonly typedArrayFromHeap: (tensor: TensorInfo) => Float32Array
  readonly incRef: (dataId: object) => void
  readonly disposeData: (dataId: object) => boolean
}

/** The backend that a kernel of the WebAssembly backend is called with. */
export const wasmBackend = (backend: unknown): WasmBackend => backend as WasmBackend

/**
 * A float32 tensor's values where they lie, without a copy. The view is good until memory is next allocated: the heap
 * may grow then, and old views become empty; so make the output first and take the views after it.
 */
export const heapView = (backend: unknown, tensor: TensorInfo): Float32Array =>
  wasmBackend(backend).typedArrayFromHeap(tensor)
