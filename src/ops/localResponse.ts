import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor, Tensor4D } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"

/** Sums over the channels that are no further than the radius: a product with a matrix that is its own transpose. */
const nearby = (x: Tensor, radius: number): Tensor => {
  const n = x.shape.at(-1)!
  const band = tf.tensor2d(
    Float32Array.from({ length: n * n }, (_, i) => Math.abs(Math.floor(i / n) - i % n) <= radius ? 1 : 0),
    [n, n]
  )
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, n]), band), x.shape)
}

const gradient: GradConfig = {
  kernelName: "LRN",
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => {
    const x = saved[0]!, d = dy as Tensor
    const { alpha, beta, bias, depthRadius } = attrs as { readonly [name: string]: number }
    return {
      x: () => {
        const scale = tf.add(tf.mul(nearby(tf.square(x), depthRadius!), alpha!), bias!)
        const through = tf.mul(d, tf.pow(scale, -beta!))
        const around = nearby(tf.div(tf.mul(through, x), scale), depthRadius!)
        return tf.sub(through, tf.mul(tf.mul(x, 2 * alpha! * beta!), around))
      }
    }
  }
}

/**
 * What `tf.localResponseNormalization` needs to be trained. {@link localResponseNormalization} installs it.
 *
 * @example
 * ```ts
 * import { Ops } from "effect-neuron"
 *
 * Ops.install(Ops.localResponse)
 * ```
 */
export const localResponse: KernelSet = { gradients: [gradient], kernels: [] }

/** The numbers of a local response normalization. */
export interface LocalResponseOptions {
  /** How many channels to either side are summed; by default 5. */
  readonly depthRadius?: number
  /** By default 1. */
  readonly bias?: number
  /** By default 1. */
  readonly alpha?: number
  /** By default 0.5. */
  readonly beta?: number
}

/**
 * x / (bias + alpha Σ x²)^beta, the sum over the channels around each of `[batch, height, width, channels]` (Krizhevsky
 * et al., "ImageNet Classification with Deep Convolutional Neural Networks", section 3.3).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.localResponseNormalization(tf.tensor4d([[[[4]]]]), { bias: 9 }).dataSync()[0] // => Math.fround(0.8)
 * ```
 */
export const localResponseNormalization = (x: Tensor, options: LocalResponseOptions = {}): Tensor => {
  ready(localResponse)
  const { alpha = 1, beta = 0.5, bias = 1, depthRadius = 5 } = options
  return tf.localResponseNormalization(x as Tensor4D, depthRadius, bias, alpha, beta)
}
