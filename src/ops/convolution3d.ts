import * as tf from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, Tensor5D } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { bilinear } from "./bilinear.ts"
import { dilationsOf, spaced } from "./dilation.ts"
import { taps, under, withMargins } from "./taps.ts"
import type { Axis } from "./taps.ts"

type Triple = [number, number, number]

/** How a window moves over depth, height and width. */
export interface Convolution3dOptions {
  /** By default 1. */
  readonly strides?: number | readonly [depth: number, height: number, width: number]
  /** By default `"valid"`. */
  readonly padding?: "same" | "valid"
  /** By default 1. Strides and dilations are not both more than 1. */
  readonly dilations?: number | readonly [depth: number, height: number, width: number]
}

const convolve = (x: Tensor, filter: Tensor, { dilations, pad, strides }: NamedAttrMap): Tensor =>
  tf.conv3d(x as Tensor5D, filter as Tensor5D, strides as Triple, pad as "same", "NDHWC", dilations as Triple)

interface Window {
  readonly strides: Triple
  readonly pad: "same" | "valid"
}

/** How the windows of a filter lie along depth, height and width. */
const axesOf = (input: ReadonlyArray<number>, filter: ReadonlyArray<number>, { pad, strides }: Window) => {
  const g = tf.backend_util.computeConv3DInfo(input as never, filter as never, strides, 1, pad)
  const { front, left, top } = g.padInfo
  const axis = (i: number, out: number, stride: number, before: number): Axis => (
    { length: input[i + 1]!, out, size: filter[i]!, stride, dilation: 1, before }
  )
  return [
    axis(0, g.outDepth, g.strideDepth, front),
    axis(1, g.outHeight, g.strideHeight, top),
    axis(2, g.outWidth, g.strideWidth, left)
  ]
}

/**
 * The gradient by the input: the convolution of `dy`, its values as far apart as the windows were, with the filter
 * turned round. The stock kernel of the WebAssembly backend gives other numbers.
 */
const inputGradient = (
  { dy, filter }: { readonly dy: Tensor; readonly filter: Tensor },
  attrs: Window & { readonly inputShape: ReadonlyArray<number> }
): Tensor => {
  const axes = axesOf(attrs.inputShape, filter.shape, attrs)
  const apart = axes.reduce((x, { stride }, i) => spaced(x, i + 1, stride), dy)
  const margins = axes.map(({ before, length, size }, i): [number, number] => [
    size - 1 - before,
    length - apart.shape[i + 1]! + before
  ])
  const turned = tf.transpose(tf.reverse(filter, [0, 1, 2]), [0, 1, 2, 4, 3])
  return tf.conv3d(tf.pad(apart, [[0, 0], ...margins, [0, 0]]) as Tensor5D, turned as Tensor5D, 1, "valid")
}

/**
 * The gradient by the filter: for each of its taps the product of what lies under it with `dy`. The stock kernel of the
 * WebAssembly backend gives other numbers where windows do not move by 1.
 */
const filterGradient = (
  { dy, x }: { readonly dy: Tensor; readonly x: Tensor },
  attrs: Window & { readonly filterShape: ReadonlyArray<number> }
): Tensor => {
  const axes = axesOf(x.shape, attrs.filterShape, attrs)
  const padded = withMargins(x, axes, 0), dys = tf.reshape(dy, [-1, dy.shape[4]!])
  const byTap = taps(axes).map((tap) =>
    tf.matMul(tf.reshape(under(padded, axes, tap), [-1, x.shape[4]!]), dys, true, false)
  )
  return tf.reshape(tf.concat(byTap, 0), [...attrs.filterShape])
}

/**
 * What `tf.conv3d` and `tf.conv3dTranspose` need to be trained. {@link conv3d} installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.convolution3d)
 * const sum = (filter: tf.Tensor5D) => [tf.sum(tf.conv3d(tf.ones<tf.Rank.R5>([1, 2, 2, 2, 1]), filter, 1, "valid")), 0] as const
 * Autodiff.valueAndGrad(sum)(tf.ones([1, 1, 1, 1, 1])).grads.dataSync() // => Float32Array.of(8)
 * ```
 */
export const convolution3d: KernelSet = {
  gradients: /* @__PURE__ */ bilinear({
    forward: "Conv3D",
    byInput: "Conv3DBackpropInputV2",
    byFilter: "Conv3DBackpropFilterV2",
    windowOf: ({ pad, strides }) => ({ pad, strides }) as NamedAttrMap,
    convolve: (x, filter, attrs) => convolve(x, filter, { ...attrs, dilations: [...dilationsOf(attrs, 3)] }),
    // The kernels of the gradients know no dilation.
    isDirect: (dilations) => dilations.every((n) => n === 1)
  }).gradients,
  kernels: [],
  compositions: { Conv3DBackpropInputV2: inputGradient, Conv3DBackpropFilterV2: filterGradient }
}

/**
 * The convolution of `[batch, depth, height, width, channels]` with a filter of `[depth, height, width, channels,
 * filters]`, differentiable to every order. Throws where `tf.conv3d` does: for other ranks, or channels that differ.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.conv3d(tf.ones([1, 4, 4, 4, 2]), tf.ones([3, 3, 3, 2, 5]), { padding: "same" }).shape // => [1, 4, 4, 4, 5]
 * ```
 */
export const conv3d = (x: Tensor, filter: Tensor, options: Convolution3dOptions = {}): Tensor => {
  ready(convolution3d)
  const { dilations = 1, padding = "valid", strides = 1 } = options
  return convolve(x, filter, { strides, pad: padding, dilations } as unknown as NamedAttrMap)
}
