import * as tf from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import {
  avgPoolGradWasm,
  avgPoolWasm,
  maxPoolGatherWasm,
  maxPoolGradWasm,
  maxPoolWasm
} from "../backend/kernels/pooling.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"
import { windowOptions } from "./windows.ts"
import type { WindowOptions } from "./windows.ts"

/**
 * The largest value of each window of images `[batch, height, width, channels]`, NaN where there is one. The size of
 * the window is height and width; by default windows move by their size, without padding. Throws for other shapes and
 * options.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.maxPool(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), [2, 2]).arraySync() // => [[[[4]]]]
 * ```
 */
export const maxPool = (x: Tensor, size: readonly [number, number], options?: WindowOptions): Tensor =>
  pool("maxPool", "MaxPool", x, size, options)

/**
 * The mean of each window of images `[batch, height, width, channels]`; padding does not count. Otherwise as
 * {@link maxPool}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.avgPool(tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]), [2, 2]).arraySync() // => [[[[3]]]]
 * ```
 */
export const avgPool = (x: Tensor, size: readonly [number, number], options?: WindowOptions): Tensor =>
  pool("avgPool", "AvgPool", x, size, options)

/** One of the two, for what has a name of its own, by which its errors are then called. */
export const pool = (
  operation: string,
  kernelName: "MaxPool" | "AvgPool",
  x: Tensor,
  size: readonly [number, number],
  { padding = "valid", strides = size }: WindowOptions = {}
): Tensor => {
  if (x.rank !== 4) fail(operation, "x [batch, height, width, channels]", shapeOf(x))
  windowOptions(operation, undefined, size, { strides: size })
  const window = windowOptions(operation, x, size, { padding, strides })
  const attrs = { filterSize: size, strides: window.strides, pad: padding }
  return run(pooling, kernelName, { x: asFloat(operation, "x", x) }, attrs)
}

const windowOf = ({ dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): NamedAttrMap =>
  ({ dimRoundingMode, filterSize, pad, strides }) as NamedAttrMap

const average = (x: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): Tensor =>
  tf.avgPool(
    x as Tensor4D,
    filterSize as [number, number],
    strides as [number, number],
    pad as "valid",
    dimRoundingMode as "floor"
  )

const geometry = (input: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap) =>
  tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as "valid",
    dimRoundingMode as "floor"
  )

/**
 * The size of a whole window over that of its part inside the input, by output position. Average pooling leaves padding
 * out of its mean, but the stock kernels of its gradient divide by the whole window; this makes up for it.
 */
const padWeights = (input: Tensor, attrs: NamedAttrMap): Tensor => {
  const g = geometry(input, attrs)
  const covered = (out: number, stride: number, size: number, before: number, length: number) =>
    Math.min(out * stride - before + size, length) - Math.max(out * stride - before, 0)
  const weights: Array<number> = []
  for (let row = 0; row < g.outHeight; row++) {
    const rows = covered(row, g.strideHeight, g.filterHeight, g.padInfo.top, g.inHeight)
    for (let column = 0; column < g.outWidth; column++) {
      const columns = covered(column, g.strideWidth, g.filterWidth, g.padInfo.left, g.inWidth)
      weights.push(g.filterHeight * g.filterWidth / (rows * columns))
    }
  }
  return tf.tensor4d(weights, [1, g.outHeight, g.outWidth, 1])
}

const isPadded = ({ pad }: NamedAttrMap): boolean => pad !== "valid" && pad !== 0

const scatterToMaxima = (dy: Tensor, input: Tensor, output: Tensor, attrs: NamedAttrMap): Tensor =>
  tf.engine().runKernel("MaxPoolGrad", { dy, input, output } as never, windowOf(attrs)) as Tensor

/**
 * Takes from `values` what lies in the places of the maxima of `input`, of operations that every backend has: for each
 * tap of the window, where its values are the first maxima.
 */
const gatherByTaps = ({ input, output, values }: Gathered, attrs: NamedAttrMap): Tensor => {
  const g = geometry(input, attrs)
  const after = (out: number, stride: number, size: number, before: number, length: number) =>
    Math.max(0, (out - 1) * stride + size - before - length)
  const margins: Array<[number, number]> = [
    [0, 0],
    [g.padInfo.top, after(g.outHeight, g.strideHeight, g.filterHeight, g.padInfo.top, g.inHeight)],
    [g.padInfo.left, after(g.outWidth, g.strideWidth, g.filterWidth, g.padInfo.left, g.inWidth)],
    [0, 0]
  ]
  // What lies outside is larger than no maximum, and equal to none of a number.
  const under = (x: Tensor, row: number, column: number) =>
    tf.stridedSlice(
      x,
      [0, row, column, 0],
      [
        g.batchSize,
        row + (g.outHeight - 1) * g.strideHeight + 1,
        column + (g.outWidth - 1) * g.strideWidth + 1,
        g.inChannels
      ],
      [1, g.strideHeight, g.strideWidth, 1]
    )
  const padded = tf.pad(input, margins, -Infinity), paddedValues = tf.pad(values, margins)
  let gathered = tf.zerosLike(output), open = tf.onesLike(output)
  for (let row = 0; row < g.filterHeight; row++) {
    for (let column = 0; column < g.filterWidth; column++) {
      const hit = tf.mul(open, tf.cast(tf.equal(under(padded, row, column), output), "float32"))
      gathered = tf.add(gathered, tf.mul(hit, under(paddedValues, row, column)))
      open = tf.sub(open, hit)
    }
  }
  return gathered
}

interface Gathered {
  readonly values: Tensor
  readonly input: Tensor
  readonly output: Tensor
}

// Gradients of pooling. Those of its gradients are linear, and so have gradients themselves, to every order.

/**
 * What pooling needs to be trained. {@link maxPool} and {@link avgPool} install it themselves; in a bundled page a
 * layer that calls `tf.maxPool`, `tf.avgPool` or `tf.pool` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.pooling)
 * const top = (x: tf.Tensor4D) => [tf.sum(tf.maxPool(x, 2, 2, "valid")), 0] as const
 * Autodiff.valueAndGrad(top)(tf.tensor4d([1, 2, 4, 3], [1, 2, 2, 1])).grads.dataSync() // => Float32Array.of(0, 0, 1, 0)
 * ```
 */
export const pooling: KernelSet = {
  gradients: [
    {
      kernelName: "MaxPool",
      inputsToSave: ["x"],
      // Where it lies is all that the output says, which has no gradient: none is lost.
      outputsToSave: [true],
      gradFunc: (dy, saved, attrs) => ({ x: () => scatterToMaxima(dy as Tensor, saved[0]!, saved[1]!, attrs) })
    },
    gradientOf("MaxPoolGrad", ["input", "output"], (ddx, { input, output }, attrs) => ({
      dy: () => tf.engine().runKernel("MaxPoolGather", { values: ddx, input, output }, windowOf(attrs)) as Tensor,
      input: () => tf.zerosLike(input),
      output: () => tf.zerosLike(output)
    })),
    gradientOf("MaxPoolGather", ["input", "output"], (dy, { input, output }, attrs) => ({
      values: () => scatterToMaxima(dy, input, output, attrs),
      input: () => tf.zerosLike(input),
      output: () => tf.zerosLike(output)
    })),
    gradientOf("AvgPool", ["x"], (dy, { x }, attrs) => ({
      x: () => {
        const weighted = isPadded(attrs) ? tf.mul(dy, padWeights(x, attrs)) : dy
        return tf.engine().runKernel("AvgPoolGrad", { dy: weighted, input: x }, windowOf(attrs)) as Tensor
      }
    })),
    gradientOf("AvgPoolGrad", ["input"], (ddx, { input }, attrs) => ({
      dy: () => {
        const mean = average(ddx, attrs)
        return isPadded(attrs) ? tf.div(mean, padWeights(input, attrs)) : mean
      },
      input: () => tf.zerosLike(input)
    }))
  ],
  kernels: [maxPoolWasm, avgPoolWasm, maxPoolGradWasm, avgPoolGradWasm, maxPoolGatherWasm],
  compositions: { MaxPoolGather: gatherByTaps }
}
