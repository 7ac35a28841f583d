import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor, Tensor5D } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { stridedSliceGradient } from "./stridedSlice.ts"
import { onto, taps, under, withMargins, withoutMargins } from "./taps.ts"
import type { Axis } from "./taps.ts"

type Triple = [number, number, number]

/** How windows lie over depth, height and width. */
export interface Pooling3dOptions {
  /** The sides of a window, by default 2. */
  readonly poolSize?: number | readonly [depth: number, height: number, width: number]
  /** By default the size of the window. */
  readonly strides?: number | readonly [depth: number, height: number, width: number]
  /** By default `"valid"`. */
  readonly padding?: "same" | "valid"
}

const axesOf = (x: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): ReadonlyArray<Axis> => {
  const g = tf.backend_util.computePool3DInfo(
    x.shape as [number, number, number, number, number],
    filterSize as Triple,
    strides as Triple,
    1,
    pad as "valid",
    dimRoundingMode as "floor"
  )
  const axis = (length: number, out: number, size: number, stride: number, before: number): Axis => //
  ({ length, out, size, stride, dilation: 1, before })
  return [
    axis(g.inDepth, g.outDepth, g.filterDepth, g.strideDepth, g.padInfo.front),
    axis(g.inHeight, g.outHeight, g.filterHeight, g.strideHeight, g.padInfo.top),
    axis(g.inWidth, g.outWidth, g.filterWidth, g.strideWidth, g.padInfo.left)
  ]
}

/**
 * The gradient of max pooling goes to the first largest value of each window, as in two dimensions. Tap by tap: the
 * stock kernels take the last one, and a wrong one where a window is not as high as it is wide.
 */
const toFirstMaxima = (dy: Tensor, x: Tensor, y: Tensor, axes: ReadonlyArray<Axis>): Tensor => {
  const padded = withMargins(x, axes, -Infinity)
  let open = tf.onesLike(y), sum: Tensor | undefined
  for (const tap of taps(axes)) {
    const hit = tf.mul(open, tf.cast(tf.equal(under(padded, axes, tap), y), "float32"))
    const part = onto(tf.mul(dy, hit), axes, tap)
    sum = sum === undefined ? part : tf.add(sum, part)
    open = tf.sub(open, hit)
  }
  return withoutMargins(sum!, axes)
}

/**
 * The size of a whole window over that of its part inside the input. Average pooling leaves padding out of its mean,
 * but the stock kernels of its gradient divide by the whole window; this makes up for it.
 */
const padWeights = (axes: ReadonlyArray<Axis>): Tensor => {
  const parts = axes.map(({ before, length, out, size, stride }) =>
    Array.from({ length: out }, (_, i) => {
      const begin = i * stride - before
      return size / (Math.min(begin + size, length) - Math.max(begin, 0))
    })
  )
  const all = parts.reduce((some, along) => some.flatMap((a) => along.map((b) => a * b)), [1])
  return tf.tensor(all, [1, ...axes.map(({ out }) => out), 1])
}

const average = (x: Tensor, { dimRoundingMode, filterSize, pad, strides }: NamedAttrMap): Tensor =>
  tf.avgPool3d(x as Tensor5D, filterSize as Triple, strides as Triple, pad as "valid", dimRoundingMode as "floor")

const gradients: ReadonlyArray<GradConfig> = [
  {
    kernelName: "MaxPool3D",
    inputsToSave: ["x"],
    // The output is compared with the input, which has no gradient: none is lost.
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const x = saved[0]!, y = saved[1]!
      return { x: () => toFirstMaxima(dy as Tensor, x, y, axesOf(x, attrs)) }
    }
  },
  {
    kernelName: "AvgPool3D",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => {
      const input = saved[0]!, { dimRoundingMode, filterSize, pad, strides } = attrs
      return {
        x: () =>
          tf.engine().runKernel(
            "AvgPool3DGrad",
            { dy: tf.mul(dy as Tensor, padWeights(axesOf(input, attrs))), input },
            { dimRoundingMode, filterSize, pad, strides } as NamedAttrMap
          ) as Tensor
      }
    }
  },
  {
    kernelName: "AvgPool3DGrad",
    inputsToSave: ["input"],
    gradFunc: (ddx, saved, attrs) => {
      const input = saved[0]!
      return {
        dy: () => tf.div(average(ddx as Tensor, attrs), padWeights(axesOf(input, attrs))),
        input: () => tf.zerosLike(input)
      }
    }
  }
]

/**
 * What `tf.maxPool3d` and `tf.avgPool3d` need to be trained. {@link maxPool3d} and {@link avgPool3d} install it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.pooling3d)
 * const top = (x: tf.Tensor5D) => [tf.sum(tf.maxPool3d(x, [1, 2, 2], 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(top)(tf.tensor5d([1, 2, 4, 3], [1, 1, 2, 2, 1])).grads.dataSync() // => Float32Array.of(0, 0, 1, 0)
 * ```
 */
export const pooling3d: KernelSet = { gradients: [...gradients, stridedSliceGradient], kernels: [] }

const pool = (operation: typeof tf.maxPool3d, x: Tensor, options: Pooling3dOptions): Tensor => {
  ready(pooling3d)
  const { padding = "valid", poolSize = 2, strides = poolSize } = options
  return operation(x as Tensor5D, poolSize as Triple, strides as Triple, padding)
}

/**
 * The largest value of each window of `[batch, depth, height, width, channels]`. The gradient goes to the first one
 * that is largest.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.maxPool3d(tf.ones([1, 4, 4, 6, 3])).shape // => [1, 2, 2, 3, 3]
 * ```
 */
export const maxPool3d = (x: Tensor, options: Pooling3dOptions = {}): Tensor => pool(tf.maxPool3d, x, options)

/**
 * The mean of each window of `[batch, depth, height, width, channels]`, padding left out.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.avgPool3d(tf.ones([1, 3, 3, 3, 1]), { poolSize: 3, strides: 1, padding: "same" }).dataSync()[0] // => 1
 * ```
 */
export const avgPool3d = (x: Tensor, options: Pooling3dOptions = {}): Tensor => pool(tf.avgPool3d, x, options)
