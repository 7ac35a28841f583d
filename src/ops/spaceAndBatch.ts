import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { depthToSpaceWasm } from "../backend/kernels/stock.ts"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"

/** Blocks of space as channels, the other way round than `tf.depthToSpace`. */
const toDepth = (x: Tensor, block: number, channelsLast: boolean): Tensor => {
  const [batch, height, width, channels] = (channelsLast ? x.shape : [0, 2, 3, 1].map((a) => x.shape[a]!)) as [
    ...[number, number, number, number]
  ]
  const rows = height / block, columns = width / block, depth = channels * block * block
  return channelsLast
    ? tf.reshape(
      tf.transpose(tf.reshape(x, [batch, rows, block, columns, block, channels]), [0, 1, 3, 2, 4, 5]),
      [batch, rows, columns, depth]
    )
    : tf.reshape(
      tf.transpose(tf.reshape(x, [batch, channels, rows, block, columns, block]), [0, 3, 5, 1, 2, 4]),
      [batch, depth, rows, columns]
    )
}

/**
 * What `tf.spaceToBatchND`, `tf.batchToSpaceND` and `tf.depthToSpace` need to be trained. The functions here install
 * it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.spaceAndBatch)
 * const first = (x: tf.Tensor) => [tf.sum(tf.gather(tf.spaceToBatchND(x, [2], [[0, 0]]), [0])), 0] as const
 * Autodiff.valueAndGrad(first)(tf.ones([1, 4])).grads.arraySync() // => [[1, 0, 1, 0]]
 * ```
 */
export const spaceAndBatch: KernelSet = {
  gradients: [
    {
      kernelName: "SpaceToBatchND",
      gradFunc: (dy, _, { blockShape, paddings }) => ({
        x: () => tf.batchToSpaceND(dy as Tensor, blockShape as number[], paddings as unknown as number[][])
      })
    },
    {
      kernelName: "BatchToSpaceND",
      gradFunc: (dy, _, { blockShape, crops }) => ({
        x: () => tf.spaceToBatchND(dy as Tensor, blockShape as number[], crops as unknown as number[][])
      })
    },
    {
      kernelName: "DepthToSpace",
      gradFunc: (dy, _, { blockSize, dataFormat }) => ({
        x: () => toDepth(dy as Tensor, blockSize as number, dataFormat === "NHWC")
      })
    }
  ],
  kernels: [depthToSpaceWasm]
}

type Margins = ReadonlyArray<readonly [before: number, after: number]>
const copied = (margins: Margins): Array<Array<number>> => margins.map((margin) => [...margin])

/**
 * Pads the axes after the first, and moves what lies at the same place of each block to examples of their own: `[batch,
 * height, width, …]` becomes `[batch · rows · columns, height / rows, width / columns, …]`. Throws where blocks do not
 * divide the axes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.spaceToBatch(tf.tensor2d([[1, 2, 3, 4]]), [2], [[0, 0]]).arraySync() // => [[1, 3], [2, 4]]
 * ```
 */
export const spaceToBatch = (x: Tensor, block: ReadonlyArray<number>, paddings: Margins): Tensor => {
  ready(spaceAndBatch)
  return tf.spaceToBatchND(x, [...block], copied(paddings))
}

/**
 * Undoes {@link spaceToBatch}, and cuts `crops` off the axes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.batchToSpace(tf.tensor2d([[1, 3], [2, 4]]), [2], [[0, 1]]).arraySync() // => [[1, 2, 3]]
 * ```
 */
export const batchToSpace = (x: Tensor, block: ReadonlyArray<number>, crops: Margins): Tensor => {
  ready(spaceAndBatch)
  return tf.batchToSpaceND(x, [...block], copied(crops))
}

/**
 * Lays the channels of `[batch, height, width, channels]` out as blocks of space: `[batch, height · block, width ·
 * block, channels / block²]`, with neighboring channels along a row (pixel shuffling). Throws where block² does not
 * divide the channels.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.depthToSpace(tf.tensor4d([[[[1, 2, 3, 4]]]]), 2).arraySync() // => [[[[1], [2]], [[3], [4]]]]
 * ```
 */
export const depthToSpace = (x: Tensor, block: number): Tensor => {
  ready(spaceAndBatch)
  return tf.depthToSpace(x as Tensor4D, block)
}

/**
 * Undoes {@link depthToSpace}: blocks of space become channels. Throws where blocks do not divide height and width.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.spaceToDepth(tf.tensor4d([[[[1], [2]], [[3], [4]]]]), 2).arraySync() // => [[[[1, 2, 3, 4]]]]
 * ```
 */
export const spaceToDepth = (x: Tensor, block: number): Tensor => {
  const [, height, width] = x.shape
  if (x.rank !== 4 || height! % block !== 0 || width! % block !== 0) {
    throw new Error(`spaceToDepth expects [batch, height, width, channels] in blocks of ${block}, got [${x.shape}]`)
  }
  return toDepth(x, block, true)
}
