import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { ready } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { unary } from "./elementwise.ts"

/**
 * What `tf.asinh`, `tf.acosh` and `tf.atanh` need to be trained. The functions here install it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.inverseHyperbolic)
 * Autodiff.valueAndGrad((x: tf.Tensor) => [tf.atanh(x), 0] as const)(tf.scalar(0)).grads.arraySync() // => 1
 * ```
 */
export const inverseHyperbolic: KernelSet = {
  gradients: [
    unary("Asinh", (dy, x) => tf.div(dy, tf.sqrt(tf.add(tf.square(x), 1)))),
    // Factors of x² - 1 keep the digits of what is close to 1.
    unary("Acosh", (dy, x) => tf.mul(dy, tf.mul(tf.rsqrt(tf.sub(x, 1)), tf.rsqrt(tf.add(x, 1))))),
    unary("Atanh", (dy, x) => tf.div(dy, tf.mul(tf.sub(1, x), tf.add(1, x))))
  ],
  kernels: []
}

/**
 * The inverse hyperbolic sine.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.asinh(tf.scalar(0)).arraySync() // => 0
 * ```
 */
export const asinh = (x: Tensor): Tensor => (ready(inverseHyperbolic), tf.asinh(x))

/**
 * The inverse hyperbolic cosine, NaN below 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.acosh(tf.scalar(1)).arraySync() // => 0
 * ```
 */
export const acosh = (x: Tensor): Tensor => (ready(inverseHyperbolic), tf.acosh(x))

/**
 * The inverse hyperbolic tangent, NaN beyond -1 and 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.atanh(tf.scalar(1)).arraySync() // => Infinity
 * ```
 */
export const atanh = (x: Tensor): Tensor => (ready(inverseHyperbolic), tf.atanh(x))
