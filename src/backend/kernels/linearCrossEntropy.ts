import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer, scratch } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly linearCrossEntropyScratch: (rows: number, features: number, classes: number) => number
}

/** So many logits are kept for the gradient; of more it computes them again, a block at a time. */
const MOST_KEPT = 2 ** 22

/** Rows of a block of gradients by logits: some megabytes of them, but enough for a product. */
const blockOf = (classes: number): number => Math.max(96, Math.min(512, Math.floor(2 ** 20 / classes)))

/** Classes of a tile, as the companion module has them. */
const TILE = 256

/** What both kernels read of a call. */
const given = ({ attrs, backend, inputs }: KernelCall) => {
  const { bias, hidden, labels, table } = inputs as { readonly [name: string]: Tensor }
  const [rows, features] = hidden!.shape as [number, number], classes = table!.shape[0]!
  return {
    ...{ rows, features, classes, smoothing: attrs["labelSmoothing"] as number },
    ...{ hidden: pointer(hidden!), table: pointer(table!), bias: bias!.size === 0 ? 0 : pointer(bias!) },
    labels: pointer(labels!),
    make: (...shape: ReadonlyArray<number>): TensorInfo => wasmBackend(backend).makeOutput(shape, "float32")
  }
}

const covers = ({ inputs }: KernelCall): boolean =>
  companion() !== undefined && inputs["hidden"]!.size > 0 && inputs["table"]!.size > 0

// Both have names of our own.

/** `[losses, what is kept of each row, logits if they are few]`. */
export const linearCrossEntropyWasm: KernelOverride = {
  kernelName: "LinearCrossEntropy",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { bias, classes, features, hidden, labels, make, rows, smoothing, table } = given(call)
    const losses = make(rows), kept = make(rows, 2), logits = make(rows * classes <= MOST_KEPT ? rows : 0, classes)
    const [toLosses, toKept, toLogits] = [losses, kept, logits].map(pointer) as [number, number, number]
    const part = (first: number, some: number) => [
      ...[some, features, classes, smoothing, hidden + 4 * features * first, table, bias, labels + 4 * first],
      ...[toLosses + 4 * first, toKept + 8 * first, logits.shape[0] === 0 ? 0 : toLogits + 4 * classes * first]
    ]
    const work = rows * classes * (features / 28 + 1)
    share("linearCrossEntropy", { count: rows, unit: 12, work, perThread: 1 }, part, {
      scratch: companion<Functions>()!.linearCrossEntropyScratch(rows, features, classes)
    })
    const made = [losses, kept, logits]
    // The composition does not count 0 times infinity, which is NaN here.
    if (!heapView(call.backend, losses).some(Number.isNaN)) return made
    for (const { dataId } of made) wasmBackend(call.backend).disposeData(dataId)
    return stock(call as never)
  }
}

/** The gradients by the hidden states, the table and the bias. */
export const linearCrossEntropyGradientWasm: KernelOverride = {
  kernelName: "LinearCrossEntropyGradient",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { bias, classes, features, hidden, labels, make, rows, smoothing, table } = given(call)
    const fast = companion<Functions>()!, block = Math.min(rows, blockOf(classes)), { dy, kept, logits } = call.inputs
    const [dhidden, dtable, dbias] = [make(rows, features), make(classes, features), make(bias === 0 ? 0 : classes)]
    const slopes = scratch(4 * block * classes)
    const own = fast.linearCrossEntropyScratch(block, features, classes)
    const [ofLosses, ofRows, ofLogits] = [dy!, kept!, logits!].map(pointer) as [number, number, number]
    const [toHidden, toTable, toBias] = [dhidden, dtable, dbias].map(pointer) as [number, number, number]
    for (let top = 0; top < rows; top += block) {
      const some = Math.min(block, rows - top),
        from = hidden + 4 * features * top,
        work = some * classes * features / 14
      const part = (first: number, count: number) => [
        ...[some, features, classes, first, count, smoothing, top > 0 ? 1 : 0, from, table + 4 * features * first],
        ...[bias === 0 ? 0 : bias + 4 * first, labels + 4 * top, ofRows + 8 * top, ofLosses + 4 * top],
        ...[logits!.size === 0 ? 0 : ofLogits + 4 * (classes * top + first), slopes + 4 * some * first],
        ...[toTable + 4 * features * first, bias === 0 ? 0 : toBias + 4 * first]
      ]
      share("linearCrossEntropyGradient", { count: classes, unit: TILE, work }, part, { scratch: own })
      share("linearCrossEntropyHidden", { count: some, unit: 12, work: work / 2, perThread: 2 }, (first, count) => [
        ...[count, some, features, classes, first, slopes, table, toHidden + 4 * features * (top + first)]
      ], { scratch: own })
    }
    return [dhidden, dtable, dbias]
  }
}
