import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
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
          // One-hot rows times the gradient: no backend needs a scatter for it, and it is itself differentiable.
          const { batchSize, dimSize, outerSize, sliceSize } = tf.backend_util.segment_util.collectGatherOpShapeInfo(
            x,
            indices,
            along,
            batchDims as number
          )
          const each = indices.size / batchSize
          const rows = oneHot(tf.reshape(tf.cast(indices, "int32"), [batchSize, 1, each]), dimSize)
          const parts = tf.reshape(dy as Tensor, [batchSize, outerSize, each, sliceSize])
          return tf.reshape(tf.matMul(tf.tile(rows, [1, outerSize, 1, 1]), parts, true), x.shape)
        },
        indices: () => tf.zerosLike(tf.cast(indices, "float32"))
      }
    }
  },
  {
    kernelName: "OneHot",
    inputsToSave: ["indices"],
    gradFunc: (_, saved) => ({ indices: () => tf.zeros(saved[0]!.shape, "float32") })
  }
]
