import { add, broadcastTo, matMul, reshape, tidy, transpose } from "@tensorflow/tfjs-core"
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import { chunksOfProduct } from "../companion/gemm.ts"
import { parallel } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

interface Products {
  readonly gemmScratch: (m: number, n: number, k: number) => number
}

/**
 * The product of (batches of) matrices. The stock kernel packs a right operand once and keeps it, but in training each
 * is new; and it has a fast path for plain products of two matrices only, so that a transposed operand costs it 10 to
 * 30 times as much. A sum over nothing, as in the gradients of an empty batch, it leaves unwritten; here it is 0.
 */
export const batchMatMulWasm: KernelOverride = {
  kernelName: "BatchMatMul",
  backendName: "wasm",
  kernel: (call, stock) => {
    const a = call.inputs["a"]!, b = call.inputs["b"]!
    const transposeA = call.attrs["transposeA"] as boolean, transposeB = call.attrs["transposeB"] as boolean
    const sizes = sizesOf(a, b, transposeA, transposeB)
    if (a.dtype !== "float32" || b.dtype !== "float32" || sizes === undefined) return stock(call as never)
    const { batch, k, m, n } = sizes
    const output = () => wasmBackend(call.backend).makeOutput([...batch, m, n], "float32")
    if (a.size === 0 || b.size === 0) {
      const zeros = output()
      heapView(call.backend, zeros).fill(0)
      return zeros
    }
    const products = companion<Products>()
    if (products === undefined) {
      const product = composed(a, b, transposeA, transposeB, batch)
      if (product !== undefined) return product
      const right = unpacked(b), whole = stock({ ...call, inputs: { a, b: right } } as never)
      if (right !== b) right.dispose()
      return whole
    }

    const out = output()
    const lda = transposeA ? m : k, ldb = transposeB ? k : n
    const product = (rows: number, inA: number, inB: number, inC: number) =>
      chunksOfProduct({
        ...{ transposeA, transposeB, m: rows, n, k, lda, ldb, ldc: n },
        ...{ a: pointer(a) + 4 * inA, b: pointer(b) + 4 * inB, c: pointer(out) + 4 * inC }
      })
    const needs = { scratch: products.gemmScratch(m, n, k), work: count(batch) * m * n * k / 28 }
    // A batch of left operands with one right operand is one tall matrix.
    if (batch.length === 0 || !transposeA && b.size === k * n) {
      parallel("gemm", product(m * count(batch), 0, 0, 0), needs)
    } else {
      const inA = places(batch, a.shape.slice(0, -2)), inB = places(batch, b.shape.slice(0, -2))
      const chunks = inA.flatMap((place, i) => product(m, place * m * k, inB[i]! * k * n, i * m * n))
      parallel("gemm", chunks, needs)
    }
    return out
  }
}

// The shapes with which the stock kernel has packed right operands, by their data.
const packed = new WeakMap<object, string>()

/**
 * A right operand as the stock kernel can take it. What it keeps of one it finds again by the data, whatever the shape:
 * to a reshaped or transposed tensor on the same data, as the gradient of a product with one column needs it, it would
 * give the product with the first. Such a tensor is copied.
 */
const unpacked = (b: Tensor): Tensor => {
  const shape = String(b.shape.slice(-2)), before = packed.get(b.dataId)
  if (before !== undefined && before !== shape) return add(b, 0)
  packed.set(b.dataId, shape)
  return b
}

const count = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

/** The sizes of a product, or nothing if the operands do not fit, about which the stock kernel says what it has to. */
const sizesOf = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean) => {
  const [m, k] = lastTwo(a, transposeA), [depth, n] = lastTwo(b, transposeB)
  if (a.rank === 2 && b.rank === 2) return k === depth ? { m, n, k, batch: [] } : undefined
  const rank = Math.max(a.rank, b.rank) - 2
  const inA = padded(a.shape.slice(0, -2), rank), inB = padded(b.shape.slice(0, -2), rank)
  const fits = k === depth && inA.every((size, axis) => size === inB[axis] || size === 1 || inB[axis] === 1)
  return fits ? { m, n, k, batch: inA.map((size, axis) => size === 1 ? inB[axis]! : size) } : undefined
}

const lastTwo = ({ shape }: TensorInfo, transposed: boolean): [number, number] =>
  transposed ? [shape.at(-1)!, shape.at(-2)!] : [shape.at(-2)!, shape.at(-1)!]

const padded = (shape: ReadonlyArray<number>, rank: number): ReadonlyArray<number> => [
  ...Array.from({ length: rank - shape.length }, () => 1),
  ...shape
]

/** For each index into `batch`, in order, the position of the matrix of an operand that is broadcast to it. */
const places = (batch: ReadonlyArray<number>, own: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sizes = padded(own, batch.length)
  return batch.reduce<ReadonlyArray<number>>(
    (before, length, axis) =>
      before.flatMap((place) => Array.from({ length }, (_, i) => place * sizes[axis]! + (sizes[axis] === 1 ? 0 : i))),
    [0]
  )
}

/**
 * Without the companion: the stock kernel on operands that are made equal in batch, which it broadcasts wrongly
 * otherwise, transposed, or joined to one matrix first; nothing where it can do as it is.
 */
const composed = (
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
  batch: ReadonlyArray<number>
): TensorInfo | undefined => {
  const wholeA = isWhole(a, batch), wholeB = isWhole(b, batch)
  if (transposeA || transposeB || !wholeA || !wholeB) {
    return tidy(() => {
      const left = wholeA ? a : broadcastTo(a, [...batch, ...a.shape.slice(-2)])
      const right = wholeB ? b : broadcastTo(b, [...batch, ...b.shape.slice(-2)])
      return matMul(transposeA ? swapLast(left) : left, transposeB ? swapLast(right) : right)
    })
  }
  const [depth, columns] = lastTwo(b, false)
  if (a.rank === 2 || b.rank > a.rank || b.size !== depth * columns) return undefined
  return tidy(() => {
    const product = matMul(reshape(a, [-1, depth]), reshape(b, [depth, columns]))
    return reshape(product, [...a.shape.slice(0, -1), columns])
  })
}

/** Whether an operand has one matrix or as many as the batch. */
const isWhole = ({ shape }: Tensor, batch: ReadonlyArray<number>): boolean => {
  const own = count(shape.slice(0, -2))
  return own === 1 || own === count(batch)
}

const swapLast = (x: Tensor): Tensor => {
  const axes = x.shape.map((_, axis) => axis)
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2])
}
