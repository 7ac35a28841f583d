import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { unsortedSegmentSumCpu, unsortedSegmentSumWasm } from "../backend/kernels/gather.ts"
import type { KernelSet } from "../backend/registry.ts"
import { taking } from "./sets.ts"

/** Sums of the rows of each segment. */
export const segmentSums: KernelSet = {
  gradients: [
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
    }
  ],
  kernels: [unsortedSegmentSumCpu, unsortedSegmentSumWasm],
  takes: taking("numbers", "UnsortedSegmentSum")
}
