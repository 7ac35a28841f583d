import { avgPool, reshape, util } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D, TensorInfo } from "@tensorflow/tfjs-core"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"
import { reduced } from "./reduction.ts"

// Sums within a window are kept in float32 by the pooling kernel; of more elements the rounding would show.
const WINDOW = 256

/** The largest divisor of `rows` up to the window. */
const windowOf = (rows: number): number => {
  for (let size = Math.min(WINDOW, rows); size > 1; size--) if (rows % size === 0) return size
  return 1
}

/**
 * Sums over the leading axes, as the gradients of biases and of batch normalization need them, and over others. The
 * stock kernel transposes first, at 0.2 elements per nanosecond. Without the companion module, average pooling over
 * windows of rows does most of a sum over leading axes, at ten times the speed of a loop, and a loop in float64 adds up
 * the windows.
 */
export const sumWasm: KernelOverride = {
  kernelName: "Sum",
  backendName: "wasm",
  kernel: (call, stock) => {
    const x = call.inputs["x"]!
    const fast = reduced("sum", x, call.attrs["axis"], call.attrs["keepDims"], call.backend)
    if (fast !== undefined) return fast
    if (x.size === 0) return zeros(call)
    const axes = [call.attrs["axis"] ?? x.shape.map((_, axis) => axis)].flat() as Array<number>
    const leading = axes.length < x.rank && axes.every((axis, i) => axis === i)
    if (!leading || x.dtype !== "float32") return stock(call as never)

    const rest = x.shape.slice(axes.length), columns = rest.reduce((a, b) => a * b, 1)
    const out = wasmBackend(call.backend).makeOutput(rest, "float32")
    const sum = call.attrs["keepDims"] ? { ...out, shape: [...axes.map(() => 1), ...rest] } : out
    const window = windowOf(x.size / columns)
    let sums: Float64Array
    if (window < 16) sums = sumRows(heapView(call.backend, x), columns)
    else {
      const means = meansOfWindows(x, window, columns)
      sums = sumRows(heapView(call.backend, means), columns).map((sum) => sum * window)
      means.dispose()
      // The pooling kernel clamps, which makes an infinity of a NaN; what is not finite is added up as it is.
      if (!sums.every(Number.isFinite)) sums = sumRows(heapView(call.backend, x), columns)
    }
    heapView(call.backend, out).set(sums)
    return sum
  }
}

/** Sums of nothing. The stock kernel leaves in the output what lay in memory. */
const zeros = (call: KernelCall): TensorInfo => {
  const { axis, keepDims } = call.attrs, { dtype, shape } = call.inputs["x"]!
  const axes = util.parseAxisParam((axis ?? shape.map((_, a) => a)) as Array<number>, shape)
  const kept = keepDims ? shape.map((n, a) => axes.includes(a) ? 1 : n) : shape.filter((_, a) => !axes.includes(a))
  const out = wasmBackend(call.backend).makeOutput(kept, dtype as "float32" | "int32")
  heapView(call.backend, out).fill(0)
  return out
}

const sumRows = (values: Float32Array, columns: number): Float64Array => {
  const sums = new Float64Array(columns)
  for (let row = 0; row < values.length; row += columns) {
    for (let column = 0; column < columns; column++) sums[column]! += values[row + column]!
  }
  return sums
}

const meansOfWindows = (x: Tensor, window: number, columns: number): Tensor => {
  const rows = reshape(x, [x.size / (window * columns), window, 1, columns]) as Tensor4D
  const means = avgPool(rows, [window, 1], 1, "valid")
  rows.dispose()
  return means
}
