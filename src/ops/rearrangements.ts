import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor, Tensor1D } from "@tensorflow/tfjs-core"
import { sumTo } from "./broadcast.ts"

// A slice of a tensor and the padding that puts it back in its place are each other's gradient.
const padBack = (dy: Tensor, whole: ReadonlyArray<number>, begin: ReadonlyArray<number>): Tensor =>
  tf.pad(dy, dy.shape.map((n, axis) => [begin[axis]!, whole[axis]! - begin[axis]! - n] as [number, number]))

// By its kernel: the operation refuses a depth of 1, which an axis may have.
const oneHot = (indices: Tensor, depth: number): Tensor =>
  tf.engine().runKernel("OneHot", { indices }, { depth, onValue: 1, offValue: 0, dtype: "float32" })

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
    gradFunc: (dy, saved, { begin }) => ({ x: () => padBack(dy as Tensor, saved[0]!.shape, begin as number[]) })
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
      const along = axis as number < 0 ? axis as number + saved[0]!.rank : axis as number
      let offset = 0
      return Object.fromEntries(saved.map((part, i) => {
        const begin = part.shape.map((_, a) => a === along ? offset : 0)
        offset += part.shape[along]!
        return [i, () => tf.slice(dy as Tensor, begin, part.shape)]
      }))
    }
  },
  {
    kernelName: "Pack",
    saveAllInputs: true,
    gradFunc: (dy, saved, { axis }) =>
      Object.fromEntries(saved.map((_, i) => [i, () => tf.unstack(dy as Tensor, axis as number)[i]!]))
  },
  {
    kernelName: "Unpack",
    gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack(dy as unknown as Array<Tensor>, axis as number) })
  },
  {
    kernelName: "SplitV",
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(dy as unknown as Array<Tensor>, axis as number) })
  },
  {
    kernelName: "GatherV2",
    inputsToSave: ["x", "indices"],
    gradFunc: (dy, saved, { axis, batchDims }) => {
      const x = saved[0]!, indices = saved[1]!, along = tf.util.parseAxisParam(axis as number, x.shape)[0]!
      return {
        x: () => {
          if (indices.size === 0) return tf.zerosLike(x)
          const { batchSize, dimSize, outerSize, sliceSize } = tf.backend_util.segment_util.collectGatherOpShapeInfo(
            x,
            indices,
            along,
            batchDims as number
          )
          const each = indices.size / batchSize
          const parts = tf.reshape(dy as Tensor, [batchSize, outerSize, each, sliceSize])
          const ids = tf.reshape(tf.cast(indices, "int32"), [batchSize, 1, each])
          if (!tf.getKernel("UnsortedSegmentSum", tf.getBackend())) {
            // One-hot rows times the gradient: no backend needs a scatter for it, and it is itself differentiable.
            return tf.reshape(tf.matMul(tf.tile(oneHot(ids, dimSize), [1, outerSize, 1, 1]), parts, true), x.shape)
          }
          // The rows of each batch have ids of their own.
          const batch = () => tf.reshape(tf.range(0, batchSize, 1, "int32"), [batchSize, 1, 1])
          const own = batchSize === 1 ? ids : tf.add(ids, tf.mul(batch(), tf.scalar(dimSize, "int32")))
          const segments = tf.reshape(own, [-1]) as Tensor1D
          const rows = tf.reshape(tf.transpose(parts, [0, 2, 1, 3]), [batchSize * each, outerSize * sliceSize])
          const sums = tf.unsortedSegmentSum(rows, segments, batchSize * dimSize)
          const split = tf.reshape(sums, [batchSize, dimSize, outerSize, sliceSize])
          return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), x.shape)
        },
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
