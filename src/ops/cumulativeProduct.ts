import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"

/** Moves values by n places toward the end of an axis, and fills up with `value`. */
const later = (x: Tensor, axis: number, n: number, value: number): Tensor => {
  const length = x.shape[axis]!, by = Math.min(n, length)
  const first = tf.slice(x, x.shape.map(() => 0), x.shape.map((size, a) => a === axis ? length - by : size))
  return tf.pad(first, x.shape.map((_, a): [number, number] => a === axis ? [by, 0] : [0, 0]), value)
}

/** The gradient of {@link later}. */
const sooner = (dy: Tensor, axis: number, n: number): Tensor => {
  const length = dy.shape[axis]!, by = Math.min(n, length)
  const last = tf.slice(
    dy,
    dy.shape.map((_, a) => a === axis ? by : 0),
    dy.shape.map((size, a) => a === axis ? length - by : size)
  )
  return tf.pad(last, dy.shape.map((_, a): [number, number] => a === axis ? [0, by] : [0, 0]))
}

/**
 * The products of all first values are made by doubling, each of those of half as many values, and the gradient walks
 * back along that way. It divides by nothing, so that it is right for zeros, and so are its own gradients.
 */
const backwards = (dy: Tensor, x: Tensor, axis: number, exclusive: boolean): Tensor => {
  const halves: Array<readonly [own: Tensor, before: Tensor]> = []
  for (let n = 1, y = x; n < x.shape[axis]!; n *= 2) {
    const before = later(y, axis, n, 1)
    halves.push([y, before])
    y = tf.mul(y, before)
  }
  return halves.reduceRight<Tensor>(
    (d, [own, before], i) => tf.add(tf.mul(d, before), sooner(tf.mul(d, own), axis, 2 ** i)),
    exclusive ? sooner(dy, axis, 1) : tf.clone(dy)
  )
}

const gradient: GradConfig = {
  kernelName: "Cumprod",
  inputsToSave: ["x"],
  gradFunc: (dy, saved, { axis, exclusive, reverse }) => {
    const x = saved[0]!
    return {
      x: () => {
        if (x.size === 0) return tf.zerosLike(x)
        const along = tf.util.parseAxisParam(axis as number, x.shape)[0]!
        if (!reverse) return backwards(dy as Tensor, x, along, exclusive as boolean)
        const turned = backwards(tf.reverse(dy as Tensor, along), tf.reverse(x, along), along, exclusive as boolean)
        return tf.reverse(turned, along)
      }
    }
  }
}

/**
 * What `tf.cumprod` needs to be trained. {@link cumprod} installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.cumulativeProduct)
 * const sum = (x: tf.Tensor) => [tf.sum(tf.cumprod(x)), 0] as const
 * Autodiff.valueAndGrad(sum)(tf.tensor1d([2, 0, 3])).grads.arraySync() // => [1, 8, 0]
 * ```
 */
export const cumulativeProduct: KernelSet = { gradients: [gradient], kernels: [] }

/** Which products are made. */
export interface CumulativeOptions {
  /** By default 0. */
  readonly axis?: number
  /** Whether a value is left out of its own product, which begins with 1 then; by default it is in it. */
  readonly exclusive?: boolean
  /** Whether products run from the end. */
  readonly reverse?: boolean
}

/**
 * The product of each value and all before it along an axis.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.cumprod(tf.tensor1d([2, 3, 4])).arraySync() // => [2, 6, 24]
 * ```
 */
export const cumprod = (x: Tensor, options: CumulativeOptions = {}): Tensor => {
  ready(cumulativeProduct)
  return tf.cumprod(x, options.axis ?? 0, options.exclusive ?? false, options.reverse ?? false)
}
