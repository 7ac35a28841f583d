import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { cumulativeKernels } from "../backend/kernels/cumulative.ts"
import { maxWasm, meanWasm, minWasm } from "../backend/kernels/meanAndExtrema.ts"
import { reductionsOfNothing } from "../backend/kernels/stock.ts"
import { sumWasm } from "../backend/kernels/sum.ts"
import type { KernelSet } from "../backend/registry.ts"
import { axesOf, expandTo } from "./broadcast.ts"
import { flat } from "./elementwise.ts"
import { taking } from "./sets.ts"

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

/**
 * The product of all values of a row but one, for each one of them, of [rows, n]: of what is outside of a pair, times
 * the other of the pair. It divides by nothing, so that it is right for zeros, and so are its own gradients.
 */
const productsOfOthers = (x: Tensor): Tensor => {
  const [rows, n] = x.shape as [number, number]
  if (n === 1) return tf.onesLike(x)
  const half = Math.ceil(n / 2), even = n % 2 === 0 ? x : tf.pad(x, [[0, 0], [0, 1]], 1)
  const first = tf.slice(even, [0, 0], [rows, half]), second = tf.slice(even, [0, half], [rows, half])
  const outside = productsOfOthers(tf.mul(first, second))
  return tf.slice(tf.concat([tf.mul(outside, second), tf.mul(outside, first)], 1), [0, 0], [rows, n])
}

const productGradient = (dy: Tensor, x: Tensor, axes: ReadonlyArray<number>): Tensor => {
  if (x.size === 0) return tf.zerosLike(x)
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes)
  const n = axes.reduce((product, axis) => product * x.shape[axis]!, 1), last = tf.transpose(x, order)
  const others = tf.reshape(productsOfOthers(tf.reshape(last, [x.size / n, n])), last.shape)
  return tf.mul(expandTo(dy, x.shape, axes), tf.transpose(others, order.map((_, axis) => order.indexOf(axis))))
}

/** Operations that reduce axes, or run along one. */
export const reductions: KernelSet = {
  gradients: [
    reduction("Sum", (dy, x, axes) => expandTo(dy, x.shape, axes)),
    reduction("Mean", (dy, x, axes) => {
      const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1)
      return expandTo(tf.mul(dy, 1 / count), x.shape, axes)
    }),
    reduction("Prod", productGradient),
    reduction("Max", extremum(tf.max), "reductionIndices"),
    reduction("Min", extremum(tf.min)),
    {
      kernelName: "Cumsum",
      inputsToSave: ["x"],
      gradFunc: (dy, _, { axis, exclusive, reverse }) => ({
        x: () => tf.cumsum(dy as Tensor, axis as number, exclusive as boolean, !reverse)
      })
    },
    flat("ArgMax", "x"),
    flat("ArgMin", "x")
  ],
  // What is made of nothing comes last: it goes before the kernels of its names.
  kernels: [maxWasm, meanWasm, minWasm, sumWasm, ...cumulativeKernels, ...reductionsOfNothing],
  takes: taking("numbers", "Cumsum", "Cumprod")
}
