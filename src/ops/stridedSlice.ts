import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { partial, slicePart } from "../autodiff/parts.ts"
import type { Part } from "../autodiff/parts.ts"
import { stridedSliceWasm } from "../backend/kernels/stock.ts"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { spaced } from "./dilation.ts"

const sliceOf = (x: Tensor, attrs: NamedAttrMap) => {
  const { begin, beginMask, ellipsisMask, end, endMask, newAxisMask, shrinkAxisMask, strides } = attrs
  return tf.slice_util.sliceInfo(
    x.shape,
    begin as number[],
    end as number[],
    strides as number[],
    beginMask as number,
    endMask as number,
    ellipsisMask as number,
    newAxisMask as number,
    shrinkAxisMask as number
  )
}

/** The values of dy as far apart, and in the order, as they were taken from x, and where the first of them was. */
const apart = (dy: Tensor, x: Tensor, attrs: NamedAttrMap): Part => {
  const { begin, end, strides } = sliceOf(x, attrs), whole = x.shape
  if (dy.size === 0) return slicePart(dy, { begin, whole })
  // With the axes that were dropped, and without those that were added.
  const taken = tf.reshape(dy, tf.slice_util.computeOutShape(begin, end, strides))
  const backward = strides.flatMap((stride, axis) => stride < 0 ? [axis] : [])
  const inOrder = backward.length === 0 ? taken : tf.reverse(taken, backward)
  const all = strides.reduce<Tensor>((d, stride, axis) => spaced(d, axis, Math.abs(stride)), inOrder)
  const first = all.shape.map((n, axis) => strides[axis]! < 0 ? begin[axis]! - n + 1 : begin[axis]!)
  return slicePart(all, { begin: first, whole })
}

export const stridedSliceGradient: GradConfig = {
  kernelName: "StridedSlice",
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => ({ x: partial(() => apart(dy as Tensor, saved[0]!, attrs)) })
}

/**
 * What `tf.stridedSlice` needs to be trained. {@link stridedSlice} installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.stridedSlices)
 * const everyOther = (x: tf.Tensor) => [tf.sum(tf.stridedSlice(x, [0], [4], [2])), 0] as const
 * Autodiff.valueAndGrad(everyOther)(tf.ones([4])).grads.arraySync() // => [1, 0, 1, 0]
 * ```
 */
export const stridedSlices: KernelSet = { gradients: [stridedSliceGradient], kernels: [stridedSliceWasm] }

/**
 * From each axis the values from `begin` on that stand `strides` apart, up to `end`, which is left out; numbers below 0
 * count from the end. Axes that are not named are taken whole. With strides below 0 the order is turned round.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.stridedSlice(tf.tensor1d([1, 2, 3, 4, 5]), [-1], [0], [-2]).arraySync() // => [5, 3]
 * ```
 */
export const stridedSlice = (
  x: Tensor,
  begin: ReadonlyArray<number>,
  end: ReadonlyArray<number>,
  strides: ReadonlyArray<number>
): Tensor => {
  ready(stridedSlices)
  return tf.stridedSlice(x, [...begin], [...end], [...strides])
}
