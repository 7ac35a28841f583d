import { util } from "@tensorflow/tfjs-core"
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import { addedUp, fixedParts, share } from "../companion/parallel.ts"
import { wasmBackend } from "../wasmHeap.ts"

/** A reduction of the middle axis of `[outer, rows, columns]`. */
interface Matrices {
  readonly outer: number
  readonly rows: number
  readonly columns: number
}

/** Takes neighboring axes that are all reduced, or all kept, as one; undefined where more than three are left. */
const asMatrices = (shape: ReadonlyArray<number>, axes: ReadonlyArray<number>): Matrices | undefined => {
  const groups: Array<{ readonly reduced: boolean; size: number }> = []
  shape.forEach((size, axis) => {
    if (size === 1) return
    const reduced = axes.includes(axis), last = groups.at(-1)
    if (last?.reduced === reduced) last.size *= size
    else groups.push({ reduced, size })
  })
  if (groups.every(({ reduced }) => !reduced)) groups.unshift({ reduced: true, size: 1 })
  if (groups[0]!.reduced) groups.unshift({ reduced: false, size: 1 })
  const [outer, rows, columns] = groups.map(({ size }) => size)
  return groups.length > 3 ? undefined : { outer: outer!, rows: rows!, columns: columns ?? 1 }
}

interface Functions {
  readonly sumsScratch: (columns: number) => number
  readonly maxima: (
    ...args: [outer: number, rows: number, columns: number, minima: number, x: number, out: number]
  ) => void
}

// Nanoseconds for a value that is read from memory.
const READ = 0.1

const sums = (
  outer: number,
  rows: number,
  columns: number,
  divisor: number,
  x: number,
  out: number,
  bytes: number
): void => {
  const needs = { scratch: bytes }, work = outer * rows * columns * READ
  if (outer > 1) {
    // Short rows are added up four at a time.
    share("sums", { count: outer, unit: 4, work }, (first, count) => [
      ...[count, rows, columns, divisor, x + 4 * first * rows * columns, out + 4 * first * columns]
    ], needs)
  } else {
    const parts = columns === 1 ? [[0, rows] as const] : fixedParts(rows, work)
    addedUp("sums", parts, columns, out, needs, ([first, count], to) => [
      ...[1, count, columns, divisor, x + 4 * first * columns, to]
    ])
  }
}

/**
 * Reduces leading axes, trailing ones, or those in between (height and width) by the companion module; undefined for
 * other axes and element types, and where there is no companion.
 */
export const reduced = (
  kind: "sum" | "mean" | "max" | "min",
  x: Tensor,
  axis: unknown,
  keepDims: unknown,
  backend: unknown
): TensorInfo | undefined => {
  const fast = companion<Functions>()
  if (fast === undefined || x.dtype !== "float32" || x.size === 0) return undefined
  const axes = util.parseAxisParam((axis ?? x.shape.map((_, a) => a)) as Array<number>, x.shape)
  const matrices = asMatrices(x.shape, axes)
  if (matrices === undefined) return undefined
  const { columns, outer, rows } = matrices
  const out = wasmBackend(backend).makeOutput(x.shape.filter((_, a) => !axes.includes(a)), "float32")
  if (kind === "max" || kind === "min") {
    fast.maxima(outer, rows, columns, kind === "min" ? 1 : 0, pointer(x), pointer(out))
  } else {
    sums(outer, rows, columns, kind === "mean" ? rows : 1, pointer(x), pointer(out), fast.sumsScratch(columns))
  }
  return keepDims ? { ...out, shape: x.shape.map((n, a) => axes.includes(a) ? 1 : n) } : out
}
