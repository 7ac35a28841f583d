import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { fail, shapeOf } from "../checks.ts"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

const count = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

/** Slices along an axis, chosen by index: the rows of an embedding, or examples of a batch. */
export const gatherWasm: KernelOverride = {
  kernelName: "GatherV2",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, indices = call.inputs["indices"]!
    const { axis, batchDims } = call.attrs as { readonly axis: number; readonly batchDims: number }
    const fast = companion<{
      readonly gatherRows: (
        outer: number,
        length: number,
        width: number,
        count: number,
        x: number,
        indices: number,
        out: number
      ) => number
    }>()
    if (batchDims) return stock(call as never)
    const along = axis < 0 ? axis + x.rank : axis
    const before = x.shape.slice(0, along), after = x.shape.slice(along + 1), length = x.shape[along]!
    const shape = [...before, ...indices.shape, ...after]
    // The stock kernel gives an empty tensor a shape of its own.
    const other = () => ({ ...stock(call as never) as TensorInfo, shape })
    const covered = (x.dtype === "float32" || x.dtype === "int32") && indices.dtype === "int32"
    if (fast === undefined || !covered) return other()
    const backend = wasmBackend(call.backend), out = backend.makeOutput(shape, x.dtype)
    const found = fast.gatherRows(
      count(before),
      length,
      count(after),
      indices.size,
      pointer(x),
      pointer(indices),
      pointer(out)
    )
    if (found === 1) return out
    // The stock kernel says which index is out of range.
    backend.disposeData(out.dataId)
    return other()
  }
}

const checkIds = (x: Tensor, ids: Tensor): void => {
  if (ids.size !== x.shape[0]) fail("unsortedSegmentSum", `an id for each row of x ${shapeOf(x)}`, shapeOf(ids))
}

export const unsortedSegmentSumCpu: KernelOverride = {
  kernelName: "UnsortedSegmentSum",
  backendName: "cpu",
  kernel: (call, stock) => {
    checkIds(call.inputs["x"]!, call.inputs["segmentIds"]!)
    return stock(call as never)
  }
}

/**
 * Sums of rows by segment, which the backend lacks: the gradient of choosing rows. Rows whose id is that of no segment
 * are left out.
 */
export const unsortedSegmentSumWasm: KernelOverride = {
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, ids = call.inputs["segmentIds"]!
    const segments = call.attrs["numSegments"] as number
    if ((x.dtype !== "float32" && x.dtype !== "int32") || ids.dtype !== "int32" || ids.rank !== 1) {
      return stock(call as never)
    }
    checkIds(x, ids)
    const rest = x.shape.slice(1), width = count(rest)
    const out = wasmBackend(call.backend).makeOutput([segments, ...rest], x.dtype)
    const fast = companion<{
      readonly segmentSum: (
        segments: number,
        width: number,
        count: number,
        x: number,
        ids: number,
        out: number
      ) => void
    }>()
    if (fast !== undefined && x.dtype === "float32") {
      fast.segmentSum(segments, width, ids.size, pointer(x), pointer(ids), pointer(out))
      return out
    }
    const sums = heapView(call.backend, out).fill(0), rows = heapView(call.backend, x)
    heapView(call.backend, ids).forEach((id, row) => {
      if (id < 0 || id >= segments) return
      for (let i = 0; i < width; i++) sums[id * width + i]! += rows[row * width + i]!
    })
    return out
  }
}
