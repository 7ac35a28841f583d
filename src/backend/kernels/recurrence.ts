import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import { parallel, share } from "../companion/parallel.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly packedBytes: (depth: number, columns: number) => number
  readonly recurrenceScratch: (cell: number, rows: number, units: number) => number
}

/** The cells of recurrent layers, as the companion module numbers them. */
export const cells = { tanh: 0, relu: 1, lstm: 2, gru: 3 } as const

/** A cell by its name. */
export type Cell = keyof typeof cells

/** The parts, each of so many numbers as there are units, that a cell computes, and that it keeps for its gradient. */
export const partsOf: { readonly [C in Cell]: { readonly gates: number; readonly kept: number } } = {
  tanh: { gates: 1, kept: 0 },
  relu: { gates: 1, kept: 0 },
  lstm: { gates: 4, kept: 5 },
  gru: { gates: 3, kept: 4 }
}

/** The attributes of a recurrence. */
export interface Recurrence {
  readonly cell: Cell
  /** Whether it goes against time. */
  readonly reverse: boolean
}

// What the innermost loop of a product takes at once.
const ROWS = 12

/** What both kernels read of a call. */
const given = (call: KernelCall) => {
  const { attrs, backend, inputs } = call, { cell, reverse } = attrs as unknown as Recurrence
  const [rows, time] = inputs["x"]!.shape as [number, number], units = inputs["hidden"]!.shape[1]!
  const { gates, kept } = partsOf[cell], fast = companion<Functions>()
  const make = (shape: Array<number>): TensorInfo => wasmBackend(backend).makeOutput(shape, "float32")
  const at = (tensor: TensorInfo | undefined, first: number) =>
    tensor === undefined || tensor.shape.includes(0)
      ? 0
      : pointer(tensor) + first * 4 * (tensor.shape.slice(1).reduce((a, b) => a * b, 1))
  const sized = (some: number) => [cells[cell], some, time, units, reverse ? 1 : 0]
  return { at, cell, fast, gates, inputs, kept, make, rows, sized, time, units }
}

const covers = (call: KernelCall): boolean => {
  const { hidden, x } = call.inputs
  return companion<Functions>() !== undefined && x!.size > 0 && hidden!.size > 0
}

/** Packs the recurrent kernel, or the transposed one, once for all steps and threads. */
const pack = (fast: Functions, kernel: Tensor, transposed: boolean): number => {
  const [units, width] = kernel.shape as [number, number]
  const [depth, columns] = transposed ? [width, units] : [units, width]
  const space = scratch(fast.packedBytes(depth, columns))
  parallel("packWhole", [[transposed ? 1 : 0, depth, columns, pointer(kernel), width, space]])
  return space
}

/**
 * `[hidden states, last cells, what the gradient needs]` of what x gives, `[batch, time, gates units]`, the recurrent
 * kernel, and the first states.
 */
export const recurrenceWasm: KernelOverride = {
  kernelName: "Recurrence",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { at, cell, fast, gates, inputs, kept, make, rows, sized, time, units } = given(call)
    const packed = pack(fast!, inputs["kernel"]!, false)
    const out = make([rows, time, units]), last = make([rows, cell === "lstm" ? units : 0])
    const keeping = make([rows, time, kept * units])
    const part = (from: number, some: number) => [
      ...[...sized(some), at(inputs["x"], from), packed, at(inputs["bias"], 0)],
      ...[
        at(inputs["hidden"], from),
        at(inputs["cells"], from),
        at(inputs["mask"], from),
        at(out, from),
        at(last, from)
      ],
      at(keeping, from)
    ]
    const work = rows * time * units * units * gates / 28
    share("recur", { count: rows, unit: ROWS, work, perThread: 1 }, part, {
      scratch: fast!.recurrenceScratch(cells[cell], rows, units)
    })
    return [out, last, keeping]
  }
}

/** The gradients by what x gives, by what the recurrent kernel gives, and by the first states. */
export const recurrenceGradientWasm: KernelOverride = {
  kernelName: "RecurrenceGradient",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { at, cell, fast, gates, inputs, make, rows, sized, time, units } = given(call)
    const packed = pack(fast!, inputs["kernel"]!, true), isGru = cell === "gru"
    const dx = make([rows, time, gates * units]), dz = make([rows, isGru ? time : 0, gates * units])
    const dhidden = make([rows, units]), dcells = make([rows, cell === "lstm" ? units : 0])
    const part = (from: number, some: number) => [
      ...[...sized(some), packed],
      ...[at(inputs["hidden"], from), at(inputs["cells"], from), at(inputs["mask"], from), at(inputs["out"], from)],
      ...[at(inputs["kept"], from), at(inputs["dout"], from), at(inputs["dlast"], from), at(dx, from), at(dz, from)],
      ...[at(dhidden, from), at(dcells, from)]
    ]
    const work = rows * time * units * units * gates / 28
    share("recurGradient", { count: rows, unit: ROWS, work, perThread: 1 }, part, {
      scratch: fast!.recurrenceScratch(cells[cell], rows, units)
    })
    return [dx, dz, dhidden, dcells]
  }
}
