import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import { partial, slicePart } from "../autodiff/parts.ts"
import type { Part } from "../autodiff/parts.ts"
import { sumTo } from "./broadcast.ts"

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

/**
 * The gradient by each of several inputs, which lie one behind the other along an axis of the incoming one: all at once when
 * the first is asked for. TensorFlow.js's own walk over the tape disposes those of the others at once; they are sliced then.
 */
const each = (
  dy: Tensor,
  axis: number,
  inputs: ReadonlyArray<Tensor>,
  along: (input: Tensor) => number
): { readonly [input: string]: () => Tensor } => {
  const sizes = inputs.map(along), place = (at: number) => dy.shape.map((_, a) => a === axis ? at : 0)
  let parts: ReadonlyArray<Tensor> | undefined, begin = 0
  return Object.fromEntries(inputs.map(({ shape }, i) => {
    const first = begin, size = sizes[i]!
    begin += size
    return [i, () => {
      const part = (parts ??= tf.split(dy, sizes, axis))[i]!
      const own = part.isDisposed
        ? tf.slice(dy, place(first), dy.shape.map((n, a) => a === axis ? size : n))
        : part
      return own.rank === shape.length ? own : tf.reshape(own, shape)
    }]
  }))
}

/** The gradients by the outputs of an operation that has any number of them: of one, it is not given in a list. */
const outputs = (dy: Tensor | ReadonlyArray<Tensor>): Array<Tensor> => [dy].flat() as Array<Tensor>

/** Gradients of the operations that move, copy or select elements. */
export const rearrangements: ReadonlyArray<GradConfig> = [
  { kernelName: "Identity", gradFunc: (dy) => ({ x: () => tf.clone(dy as Tensor) }) },
  {
    kernelName: "Cast",
    inputsToSave: ["x"],
    gradFunc: (dy) => ({ x: () => tf.cast(dy as Tensor, "float32") })
  },
  {
    kernelName: "Reshape",
    inputsToSave: ["x"],
    gradFunc: (dy, saved) => ({ x: () => tf.reshape(dy as Tensor, saved[0]!.shape) })
  },
  {
    kernelName: "ExpandDims",
    inputsToSave: ["input"],
    gradFunc: (dy, saved) => ({ input: () => tf.reshape(dy as Tensor, saved[0]!.shape) })
  },
  {
    kernelName: "Transpose",
    gradFunc: (dy, _, attrs) => {
      const perm = attrs["perm"] as Array<number>
      return { x: () => tf.transpose(dy as Tensor, perm.map((_, axis) => perm.indexOf(axis))) }
    }
  },
  { kernelName: "Reverse", gradFunc: (dy, _, { dims }) => ({ x: () => tf.reverse(dy as Tensor, dims as number[]) }) },
  {
    kernelName: "BroadcastTo",
    inputsToSave: ["x"],
    gradFunc: (dy, saved) => ({ x: () => sumTo(dy as Tensor, saved[0]!.shape) })
  },
  {
    kernelName: "Tile",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => {
      const shape = saved[0]!.shape, reps = attrs["reps"] as Array<number>
      const split = shape.flatMap((n, axis) => [reps[axis]!, n])
      return { x: () => tf.reshape(tf.sum(tf.reshape(dy as Tensor, split), shape.map((_, axis) => 2 * axis)), shape) }
    }
  },
  {
    kernelName: "Slice",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, { begin }) => ({
      x: partial(() => slicePart(dy as Tensor, { begin: begin as number[], whole: saved[0]!.shape }))
    })
  },
  {
    kernelName: "PadV2",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => {
      const before = (attrs["paddings"] as unknown as Array<[number, number]>).map(([n]) => n)
      return { x: () => tf.slice(dy as Tensor, before, saved[0]!.shape) }
    }
  },
  {
    kernelName: "Concat",
    saveAllInputs: true,
    gradFunc: (dy, saved, { axis }) => {
      const along = tf.util.parseAxisParam(axis as number, saved[0]!.shape)[0]!
      return each(dy as Tensor, along, saved, ({ shape }) => shape[along]!)
    }
  },
  {
    kernelName: "Pack",
    saveAllInputs: true,
    gradFunc: (dy, saved, { axis }) => {
      const d = dy as Tensor
      return each(d, tf.util.parseAxisParam(axis as number, d.shape)[0]!, saved, () => 1)
    }
  },
  {
    kernelName: "Unpack",
    gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack(outputs(dy), axis as number) })
  },
  {
    kernelName: "SplitV",
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(outputs(dy), axis as number) })
  },
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
  },
  {
    kernelName: "UnsortedSegmentSum",
    inputsToSave: ["segmentIds"],
    gradFunc: (dy, saved, { numSegments }) => {
      const ids = saved[0]!
      return {
        // Rows that were left out of all sums have no gradient.
        x: () => {
          const sums = dy as Tensor, width = sums.shape.slice(1)
          if (numSegments === 0) return tf.zeros([...ids.shape, ...width])
          const kept = tf.logicalAnd(tf.greaterEqual(ids, 0), tf.less(ids, numSegments as number))
          const rows = tf.gather(sums, tf.mul(ids, tf.cast(kept, "int32")))
          return tf.where(tf.reshape(kept, [...ids.shape, ...width.map(() => 1)]), rows, tf.zerosLike(rows))
        },
        segmentIds: () => tf.zerosLike(tf.cast(ids, "float32"))
      }
    }
  },
  {
    kernelName: "OneHot",
    inputsToSave: ["indices"],
    gradFunc: (_, saved) => ({ indices: () => tf.zeros(saved[0]!.shape, "float32") })
  }
]
