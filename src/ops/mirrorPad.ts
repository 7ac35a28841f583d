import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"

type Paddings = ReadonlyArray<readonly [before: number, after: number]>

/**
 * Adds what lies in the margins of an axis to the values that they mirror; `edge` is 1 where the edge itself is not
 * doubled.
 */
const foldAxis = (dy: Tensor, axis: number, [before, after]: Paddings[number], edge: number): Tensor => {
  const n = dy.shape[axis]! - before - after
  const part = (begin: number, size: number): Tensor =>
    tf.slice(
      dy,
      dy.shape.map((_, a) => a === axis ? begin : 0),
      dy.shape.map((length, a) => a === axis ? size : length)
    )
  const mirrored = (begin: number, size: number, at: number): Tensor =>
    tf.pad(
      tf.reverse(part(begin, size), axis),
      dy.shape.map((_, a): [number, number] => a === axis ? [at, n - size - at] : [0, 0])
    )
  let sum = part(before, n)
  if (before > 0) sum = tf.add(sum, mirrored(0, before, edge))
  if (after > 0) sum = tf.add(sum, mirrored(before + n, after, n - edge - after))
  return sum
}

/**
 * What `tf.mirrorPad` needs to be trained. {@link mirrorPad} installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.mirrorPadding)
 * const padded = (x: tf.Tensor) => [tf.sum(tf.mirrorPad(x, [[2, 0]], "reflect")), 0] as const
 * Autodiff.valueAndGrad(padded)(tf.ones([4])).grads.arraySync() // => [1, 2, 2, 1]
 * ```
 */
export const mirrorPadding: KernelSet = {
  gradients: [{
    kernelName: "MirrorPad",
    gradFunc: (dy, _, attrs) => {
      const paddings = attrs["paddings"] as unknown as Paddings, edge = attrs["mode"] === "reflect" ? 1 : 0
      return {
        x: () =>
          paddings.reduce<Tensor>(
            (d, padding, axis) => padding[0] + padding[1] === 0 ? d : foldAxis(d, axis, padding, edge),
            tf.clone(dy as Tensor)
          )
      }
    }
  }],
  kernels: []
}

/**
 * Pads each axis with its own values, mirrored: `"reflect"` leaves the edge single (1 2 3 becomes 3 2 1 2 3 2 1), and
 * `"symmetric"` doubles it (2 1 1 2 3 3 2). Throws where a margin is wider than what it mirrors.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.mirrorPad(tf.tensor1d([1, 2, 3]), [[2, 1]], "symmetric").arraySync() // => [2, 1, 1, 2, 3, 3]
 * ```
 */
export const mirrorPad = (x: Tensor, paddings: Paddings, mode: "reflect" | "symmetric"): Tensor => {
  ready(mirrorPadding)
  return tf.mirrorPad(x, paddings.map(([before, after]): [number, number] => [before, after]), mode)
}
