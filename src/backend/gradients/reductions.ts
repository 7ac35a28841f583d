import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { axesOf, expandTo } from "./broadcast.ts"

const reduction = (
  kernelName: string,
  gradient: (dy: Tensor, x: Tensor, axes: ReadonlyArray<number>) => Tensor,
  axesName = "axis"
): GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs: NamedAttrMap) => {
    const x = saved[0]!
    return { x: () => gradient(dy as Tensor, x, axesOf(attrs[axesName], x.rank)) }
  }
})

// Elements that tie share the gradient evenly.
const extremum =
  (find: (x: Tensor, axes: Array<number>, keepDims: boolean) => Tensor) =>
  (dy: Tensor, x: Tensor, axes: ReadonlyArray<number>): Tensor => {
    const reached = tf.cast(tf.equal(x, find(x, [...axes], true)), "float32")
    return tf.mul(expandTo(dy, x.shape, axes), tf.div(reached, tf.sum(reached, [...axes], true)))
  }

/** Gradients of the operations that reduce axes. */
export const reductions: ReadonlyArray<GradConfig> = [
  reduction("Sum", (dy, x, axes) => expandTo(dy, x.shape, axes)),
  reduction("Mean", (dy, x, axes) => {
    const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1)
    return expandTo(tf.mul(dy, 1 / count), x.shape, axes)
  }),
  reduction("Max", extremum(tf.max), "reductionIndices"),
  reduction("Min", extremum(tf.min)),
  {
    kernelName: "Cumsum",
    inputsToSave: ["x"],
    gradFunc: (dy, _, { axis, exclusive, reverse }) => ({
      x: () => tf.cumsum(dy as Tensor, axis as number, exclusive as boolean, !reverse)
    })
  }
]
