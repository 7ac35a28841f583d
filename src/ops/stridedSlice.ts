import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { spaced } from "./dilation.ts"
import { ready } from "./registry.ts"
import type { KernelSet } from "./registry.ts"

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

/** Each value of dy where it was taken from, in zeros. */
const putBack = (dy: Tensor, x: Tensor, attrs: NamedAttrMap): Tensor => {
  if (dy.size === 0) return tf.zerosLike(x)
  if (attrs["shrinkAxisMask"] || attrs["newAxisMask"]) {
    throw new Error("stridedSlice has no gradient with shrinkAxisMask or newAxisMask: reshape what it gives instead")
  }
  const { begin, finalShapeSparse, strides } = sliceOf(x, attrs)
  const taken = tf.reshape(dy, finalShapeSparse)
  const backward = strides.flatMap((stride, axis) => stride < 0 ? [axis] : [])
  const inOrder = backward.length === 0 ? taken : tf.reverse(taken, backward)
  const apart = strides.reduce<Tensor>((d, stride, axis) => spaced(d, axis, Math.abs(stride)), inOrder)
  return tf.pad(
    apart,
    apart.shape.map((n, axis): [number, number] => {
      const first = strides[axis]! < 0 ? begin[axis]! - n + 1 : begin[axis]!
      return [first, x.shape[axis]! - first - n]
    })
  )
}

export const stridedSliceGradient: GradConfig = {
  kernelName: "StridedSlice",
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => ({ x: () => putBack(dy as Tensor, saved[0]!, attrs) })
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
export const stridedSlices: KernelSet = { gradients: [stridedSliceGradient], kernels: [] }

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
