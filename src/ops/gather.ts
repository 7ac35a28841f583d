import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import { partial } from "../autodiff/parts.ts"
import type { Part } from "../autodiff/parts.ts"
import { gatherWasm } from "../backend/kernels/gather.ts"
import type { KernelSet } from "../backend/registry.ts"

// By its kernel: the operation refuses a depth of 1, which an axis may have.
const oneHot = (indices: Tensor, depth: number): Tensor =>
  tf.engine().runKernel("OneHot", { indices }, { depth, onValue: 1, offValue: 0, dtype: "float32" })

/** Where rows were taken from: along an axis of a tensor of some shape. */
interface Rows {
  readonly shape: ReadonlyArray<number>
  readonly axis: number
}

/** The gradient of a tensor by rows that were taken from it: each in its place, those of one place added up. */
const rowsPutBack = (dy: Tensor, indices: Tensor, { axis, shape }: Rows, batchDims: number): Tensor => {
  if (indices.size === 0 || dy.size === 0) return tf.zeros([...shape])
  const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((a, b) => a * b, 1)
  const batchSize = product(shape.slice(0, batchDims)), outerSize = product(shape.slice(batchDims, axis))
  const dimSize = shape[axis]!, sliceSize = product(shape.slice(axis + 1)), each = indices.size / batchSize
  const parts = tf.reshape(dy, [batchSize, outerSize, each, sliceSize])
  const ids = tf.reshape(tf.cast(indices, "int32"), [batchSize, 1, each])
  if (!tf.getKernel("UnsortedSegmentSum", tf.getBackend())) {
    // One-hot rows times the gradient: no backend needs a scatter for it, and it is itself differentiable.
    return tf.reshape(tf.matMul(tf.tile(oneHot(ids, dimSize), [1, outerSize, 1, 1]), parts, true), [...shape])
  }
  // The rows of each batch have ids of their own.
  const batch = () => tf.reshape(tf.range(0, batchSize, 1, "int32"), [batchSize, 1, 1])
  const own = batchSize === 1 ? ids : tf.add(ids, tf.mul(batch(), tf.scalar(dimSize, "int32")))
  const segments = tf.reshape(own, [-1]) as Tensor1D
  const rows = tf.reshape(tf.transpose(parts, [0, 2, 1, 3]), [batchSize * each, outerSize * sliceSize])
  const sums = tf.unsortedSegmentSum(rows, segments, batchSize * dimSize)
  const split = tf.reshape(sums, [batchSize, dimSize, outerSize, sliceSize])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [...shape])
}

/** Rows that were taken from one tensor at several times, as if at once, for each axis. */
const joinRows = (parts: ReadonlyArray<Part<Rows>>): Tensor =>
  [...new Set(parts.map(({ place }) => place.axis))]
    .map((axis) => {
      const taken = parts.filter(({ place }) => place.axis === axis), place = taken[0]!.place
      const flat = ({ tensors: [dy, indices] }: Part<Rows>) =>
        tf.reshape(dy!, [...place.shape.slice(0, axis), indices!.size, ...place.shape.slice(axis + 1)])
      const [dy, indices] = taken.length === 1
        ? taken[0]!.tensors
        : [tf.concat(taken.map(flat), axis), tf.concat(taken.map(({ tensors: [, i] }) => tf.reshape(i!, [-1])))]
      return rowsPutBack(dy!, indices!, place, 0)
    })
    .reduce((a, b) => tf.add(a, b))

/** Rows of a tensor, by their indices. */
export const gathers: KernelSet = {
  gradients: [
    {
      kernelName: "GatherV2",
      inputsToSave: ["x", "indices"],
      gradFunc: (dy, saved, { axis, batchDims }) => {
        const x = saved[0]!, indices = saved[1]!, along = tf.util.parseAxisParam(axis as number, x.shape)[0]!
        const place = { shape: x.shape, axis: along }
        return {
          x: batchDims
            ? () => rowsPutBack(dy as Tensor, indices, place, batchDims as number)
            : partial(() => ({ tensors: [dy as Tensor, indices], place, join: joinRows })),
          indices: () => tf.zerosLike(tf.cast(indices, "float32"))
        }
      }
    }
  ],
  kernels: [gatherWasm]
}
