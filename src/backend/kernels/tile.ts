import { companion, pointer } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

/**
 * Repeats a tensor along its axes by copying ever larger blocks; the gradients of sums and means are made of this. The
 * stock kernel computes the place of each element and takes 100 times as long.
 */
export const tileWasm: KernelOverride = {
  kernelName: "Tile",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, reps = call.attrs["reps"] as Array<number>
    const shape = x.shape.map((n, axis) => n * reps[axis]!)
    if (x.dtype !== "float32" || reps.length !== x.rank || shape.includes(0)) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(shape, "float32")
    const blocks = asBlocks(x.shape, reps), fast = companion<Functions>()
    if (fast !== undefined && blocks !== undefined) {
      fast.repeatBlocks(blocks.outer, blocks.repeats, blocks.inner, pointer(x), pointer(out))
      return out
    }
    const values = heapView(call.backend, out)
    // The tensor so far lies at the start of the output; from the last axis to the first, its blocks are spread to
    // their places, the last one first, and then repeated.
    let size = x.size, block = 1
    values.set(heapView(call.backend, x))
    for (let axis = x.rank - 1; axis >= 0; axis--) {
      block *= x.shape[axis]!
      const repeats = reps[axis]!, row = block * repeats
      if (repeats > 1) {
        for (let from = size - block, to = from * repeats; from >= 0; from -= block, to -= row) {
          if (block === 1) values.fill(values[from]!, to, to + row)
          else repeatBlock(values, from, to, block, row)
        }
        size *= repeats
        block = row
      }
    }
    return out
  }
}

interface Functions {
  readonly repeatBlocks: (outer: number, repeats: number, inner: number, x: number, out: number) => void
}

/**
 * Blocks of `[outer, inner]` that are each repeated, where one axis is, or neighbors of which the later have size 1.
 */
const asBlocks = (
  shape: ReadonlyArray<number>,
  reps: ReadonlyArray<number>
): { readonly outer: number; readonly repeats: number; readonly inner: number } | undefined => {
  let outer = 1, repeats = 1, inner = 1
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!, times = reps[axis]!
    if (times === 1 && repeats === 1) outer *= size
    else if (times === 1) inner *= size
    else if (inner > 1) return undefined
    else {
      repeats *= times
      inner = size
    }
  }
  return { outer, repeats, inner }
}

const repeatBlock = (values: Float32Array, from: number, to: number, block: number, row: number): void => {
  values.copyWithin(to, from, from + block)
  for (let done = block; done < row; done *= 2) {
    values.copyWithin(to + done, to, to + Math.min(done, row - done))
  }
}
