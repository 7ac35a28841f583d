import { companion, pointer, scratch } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

/** An axis of the output: its length, and its strides in the input and in the output. */
type Axis = readonly [length: number, from: number, to: number]

/** A permutation of axes. One that moves nothing but axes of length 1 shares the memory of its input. */
export const transposeWasm: KernelOverride = {
  kernelName: "Transpose",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!, perm = call.attrs["perm"] as Array<number>
    const fast = companion<{
      readonly memory: WebAssembly.Memory
      readonly permute: (axes: number, plan: number, runs: number, x: number, out: number, square: number) => void
    }>()
    if (x.dtype !== "float32" && x.dtype !== "int32") return stock(call as never)
    const shape = perm.map((axis) => x.shape[axis]!), axes = joined(x.shape, perm)
    // The stock kernel divides by the size of nothing.
    if (x.size === 0) return wasmBackend(call.backend).makeOutput(shape, x.dtype)
    if (axes.length < 2) {
      wasmBackend(call.backend).incRef(x.dataId)
      return { dataId: x.dataId, shape, dtype: x.dtype }
    }
    if (fast === undefined) return stock(call as never)

    const out = wasmBackend(call.backend).makeOutput(shape, x.dtype)
    const last = axes.at(-1)!, adjacent = axes.find(([, from]) => from === 1)!
    const plan = [...axes.filter((axis) => axis !== last && axis !== adjacent), last]
    if (adjacent !== last) plan.push(adjacent)
    const square = scratch(1024 + 12 * plan.length), place = square + 1024
    new Int32Array(fast.memory.buffer, place, 3 * plan.length)
      .set(plan.flatMap(([length, from, to]) => [length, 4 * from, 4 * to]))
    fast.permute(plan.length, place, adjacent === last ? 1 : 0, pointer(x), pointer(out), square)
    return out
  }
}

/** The axes of the output without those of length 1, and with those that stay neighbors taken as one. */
const joined = (shape: ReadonlyArray<number>, perm: ReadonlyArray<number>): ReadonlyArray<Axis> => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const axes: Array<Axis> = []
  let stride = 1
  for (const axis of perm.toReversed()) {
    const length = shape[axis]!, from = strides[axis]!, next = axes[0]
    if (length === 1) continue
    if (next !== undefined && from === next[0] * next[1]) axes[0] = [length * next[0], next[1], next[2]]
    else axes.unshift([length, from, stride])
    stride *= length
  }
  return axes
}
