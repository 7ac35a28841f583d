import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelOverride, KernelSet } from "../backend/registry.ts"
import { stridedSliceGradient } from "./stridedSlice.ts"
import { onto, taps, under, withMargins, withoutMargins } from "./taps.ts"
import type { Axis } from "./taps.ts"

const axesOf = (x: Tensor, filter: Tensor, { dilations, pad, strides }: NamedAttrMap): ReadonlyArray<Axis> => {
  const g = tf.backend_util.computeDilation2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number],
    strides as [number, number],
    pad as "same",
    "NHWC",
    dilations as [number, number]
  )
  return [
    {
      length: g.inHeight,
      out: g.outHeight,
      size: g.filterHeight,
      stride: g.strideHeight,
      dilation: g.dilationHeight,
      before: g.padInfo.top
    },
    {
      length: g.inWidth,
      out: g.outWidth,
      size: g.filterWidth,
      stride: g.strideWidth,
      dilation: g.dilationWidth,
      before: g.padInfo.left
    }
  ]
}

/** The sum of each tap of a window with what lies under it. */
const sums = (x: Tensor, filter: Tensor, axes: ReadonlyArray<Axis>): ReadonlyArray<() => Tensor> => {
  const padded = withMargins(x, axes, -Infinity), depth = filter.shape[2]!, values = tf.reshape(filter, [-1, depth])
  return taps(axes).map((tap, i) => () => tf.add(under(padded, axes, tap), tf.slice(values, [i, 0], [1, depth])))
}

/** The stock kernel has no sum below 0: it begins with the smallest number above it. */
const dilation2dWasm: KernelOverride = {
  kernelName: "Dilation2D",
  backendName: "wasm",
  kernel: (call, stock) => {
    const { filter, x } = call.inputs as { readonly x: Tensor; readonly filter: Tensor }
    if (x.dtype !== "float32" || filter.dtype !== "float32") return stock(call as never)
    return tf.tidy(() =>
      sums(x, filter, axesOf(x, filter, call.attrs)).reduce<Tensor | undefined>(
        (most, sum) => most === undefined ? sum() : tf.maximum(most, sum()),
        undefined
      )!
    )
  }
}

/** The gradient as it flows to each tap: all of it to the first one whose sum is the largest. */
const byTap = (dy: Tensor, x: Tensor, filter: Tensor, y: Tensor, axes: ReadonlyArray<Axis>): ReadonlyArray<Tensor> => {
  let open = tf.onesLike(y)
  return sums(x, filter, axes).map((sum) => {
    const hit = tf.mul(open, tf.cast(tf.equal(sum(), y), "float32"))
    open = tf.sub(open, hit)
    return tf.mul(dy, hit)
  })
}

const gradient: GradConfig = {
  kernelName: "Dilation2D",
  inputsToSave: ["x", "filter"],
  // The output is compared with sums, which has no gradient: none is lost.
  outputsToSave: [true],
  gradFunc: (dy, saved, attrs) => {
    const [x, filter, y] = saved as [Tensor, Tensor, Tensor], axes = axesOf(x, filter, attrs), places = taps(axes)
    const parts = () => byTap(dy as Tensor, x, filter, y, axes)
    return {
      x: () =>
        withoutMargins(parts().map((part, i) => onto(part, axes, places[i]!)).reduce((a, b) => tf.add(a, b)), axes),
      filter: () => tf.reshape(tf.stack(parts().map((part) => tf.sum(part, [0, 1, 2]))), filter.shape)
    }
  }
}

/**
 * What `tf.dilation2d` needs to be trained. {@link dilation2d} installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.morphology)
 * const f = (x: tf.Tensor4D) => [tf.sum(tf.dilation2d(x, tf.zeros([1, 2, 1]), 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(f)(tf.tensor4d([[[[1], [3], [2]]]])).grads.dataSync() // => Float32Array.of(0, 2, 0)
 * ```
 */
export const morphology: KernelSet = { gradients: [gradient, stridedSliceGradient], kernels: [dilation2dWasm] }

/** How windows lie over height and width. */
export interface Dilation2dOptions {
  /** By default 1. */
  readonly strides?: number | readonly [height: number, width: number]
  /** By default `"same"`. */
  readonly padding?: "same" | "valid"
  /** The distance of the taps, by default 1. */
  readonly dilations?: number | readonly [height: number, width: number]
}

/**
 * Grayscale dilation: the largest of the sums of a window of `[batch, height, width, channels]` and a filter of
 * `[height, width, channels]`. The gradient goes to the first sum that is largest.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.dilation2d(tf.tensor4d([[[[1], [3], [2]]]]), tf.zeros([1, 2, 1])).dataSync() // => Float32Array.of(3, 3, 2)
 * ```
 */
export const dilation2d = (x: Tensor, filter: Tensor, options: Dilation2dOptions = {}): Tensor => {
  ready(morphology)
  const { dilations = 1, padding = "same", strides = 1 } = options
  return tf.dilation2d(
    x as Tensor4D,
    filter as Tensor3D,
    strides as [number, number],
    padding,
    dilations as [number, number]
  )
}
