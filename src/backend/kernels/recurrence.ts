import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import { parallel, share } from "../companion/parallel.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly packedBytes: (depth: number, columns: number) => number
  readonly recurrenceScratch: (cell: number, rows: number, time: number, features: number, units: number) => number
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
  /** Whether what the gradient needs is kept. */
  readonly keeps: boolean
}

// What the innermost loop of a product takes at once.
const ROWS = 12

/** What both kernels read of a call. */
const given = (call: KernelCall) => {
  const { attrs, backend, inputs } = call, { cell, keeps, reverse } = attrs as unknown as Recurrence
  const [rows, time, features] = inputs["x"]!.shape as [number, number, number], units = inputs["hidden"]!.shape[1]!
  const { gates, kept } = partsOf[cell], fast = companion<Functions>()!
  const make = (shape: Array<number>): TensorInfo => wasmBackend(backend).makeOutput(shape, "float32")
  const at = (tensor: TensorInfo | undefined, first = 0) =>
    tensor === undefined || tensor.shape.includes(0)
      ? 0
      : pointer(tensor) + first * 4 * (tensor.shape.slice(1).reduce((a, b) => a * b, 1))
  /** Calls a function for some rows each, with what it takes of them behind what it takes of all. */
  const run = (
    name: string,
    width: number,
    sizes: ReadonlyArray<number>,
    rest: (from: number) => ReadonlyArray<number>
  ) =>
    share(
      name,
      { count: rows, unit: ROWS, work: rows * time * width * units * gates / 28, perThread: 1 },
      (from, some) => [cells[cell], some, time, ...sizes, reverse ? 1 : 0, ...rest(from)],
      { scratch: fast.recurrenceScratch(cells[cell], rows, time, features, units) }
    )
  return { at, cell, fast, features, gates, inputs, keeps, kept, make, rows, run, time, units }
}

const covers = ({ inputs: { hidden, x } }: KernelCall): boolean =>
  companion<Functions>() !== undefined && x!.size > 0 && hidden!.size > 0

/** A part of a matrix to be packed: its columns from one on, or all of it transposed. */
interface Part {
  readonly matrix: Tensor
  readonly from?: number
  readonly columns: number
  readonly transposed?: boolean
}

/** Packs matrices one behind the other, once for all steps and threads. */
const pack = (fast: Functions, parts: ReadonlyArray<Part>): ReadonlyArray<number> => {
  const depths = parts.map(({ matrix, transposed }) => matrix.shape[transposed ? 1 : 0]!)
  const bytes = parts.map(({ columns }, i) => fast.packedBytes(depths[i]!, columns))
  const space = scratch(bytes.reduce((a, b) => a + b))
  return parts.map(({ columns, from = 0, matrix, transposed }, i) => {
    const to = space + bytes.slice(0, i).reduce((a, b) => a + b, 0)
    const at = pointer(matrix) + 4 * from
    parallel("packWhole", [[transposed ? 1 : 0, depths[i]!, columns, at, matrix.shape[1]!, to]])
    return to
  })
}

/**
 * `[hidden states, the last ones, last cells, what the gradient needs]` of x, `[batch, time, features]`, both kernels with their biases,
 * and the first states.
 */
export const recurrenceWasm: KernelOverride = {
  kernelName: "Recurrence",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { at, cell, fast, features, gates, inputs, keeps, kept, make, rows, run, time, units } = given(call)
    const { kernel, recurrentKernel } = inputs as { readonly [name: string]: Tensor }, together = 2 * units
    const [packedX, packed] = pack(fast, [
      { matrix: kernel!, columns: gates * units },
      // What the state gives for the candidate of a GRU stands apart.
      ...cell === "gru"
        ? [
          { matrix: recurrentKernel!, columns: together },
          { matrix: recurrentKernel!, from: together, columns: units }
        ]
        : [{ matrix: recurrentKernel!, columns: gates * units }]
    ])
    const out = make([rows, time, units]), end = make([rows, units]), last = make([rows, cell === "lstm" ? units : 0])
    const keeping = make([rows, time, keeps ? kept * units : 0])
    run("recur", features + units, [features, units], (from) => [
      ...[at(inputs["x"], from), packedX!, packed!, at(inputs["bias"]), at(inputs["innerBias"])],
      ...[at(inputs["hidden"], from), at(inputs["cells"], from), at(inputs["mask"], from)],
      ...[at(out, from), at(end, from), at(last, from), at(keeping, from)]
    ])
    return [out, end, last, keeping]
  }
}

/** The gradients by what x gives, by what the recurrent kernel gives, and by the first states. */
export const recurrenceGradientWasm: KernelOverride = {
  kernelName: "RecurrenceGradient",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { at, cell, fast, gates, inputs, make, rows, run, time, units } = given(call), isGru = cell === "gru"
    const [packed] = pack(fast, [{ matrix: inputs["recurrentKernel"] as Tensor, columns: units, transposed: true }])
    const dx = make([rows, time, gates * units]), dz = make([rows, isGru ? time : 0, gates * units])
    const dhidden = make([rows, units]), dcells = make([rows, cell === "lstm" ? units : 0])
    run("recurGradient", units, [units], (from) => [
      packed!,
      ...[at(inputs["hidden"], from), at(inputs["cells"], from), at(inputs["mask"], from), at(inputs["out"], from)],
      ...[at(inputs["kept"], from), at(inputs["dout"], from), at(inputs["dend"], from), at(inputs["dlast"], from)],
      ...[at(dx, from), at(dz, from)],
      ...[at(dhidden, from), at(dcells, from)]
    ])
    return [dx, dz, dhidden, dcells]
  }
}
