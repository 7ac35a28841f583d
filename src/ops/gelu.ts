import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat } from "../backend/checks.ts"
import { gatedWasm } from "../backend/kernels/elementwise.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { activationOf } from "./activationOf.ts"
import { union } from "./sets.ts"

/**
 * x Φ(x), with the distribution function Φ of the normal distribution by the error function (Hendrycks, Gimpel:
 * "Gaussian error linear units", 2016). Of any shape; one pass over memory on the WebAssembly backend.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.gelu(tf.tensor1d([0, 100])).arraySync() // => [0, 100]
 * ```
 */
export const gelu = (x: Tensor): Tensor => run(gated, "Gelu", { x: asFloat("gelu", "x", x) })

/**
 * The approximation x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 of {@link gelu}, from the same paper. Of any shape; one
 * pass over memory on the WebAssembly backend.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.geluTanh(tf.tensor1d([0, 100])).arraySync() // => [0, 100]
 * ```
 */
export const geluTanh = (x: Tensor): Tensor => run(gated, "GeluTanh", { x: asFloat("geluTanh", "x", x) })

/**
 * x sigmoid(x), also called SiLU (Ramachandran, Zoph, Le: "Searching for activation functions", 2017). Of any shape;
 * one pass over memory on the WebAssembly backend.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.swish(tf.tensor1d([0, 100])).arraySync() // => [0, 100]
 * ```
 */
export const swish = (x: Tensor): Tensor => run(gated, "Swish", { x: asFloat("swish", "x", x) })

interface Inputs {
  readonly x: Tensor
}

const normalDensity = (x: Tensor): Tensor => tf.mul(1 / Math.sqrt(2 * Math.PI), tf.exp(tf.mul(-0.5, tf.square(x))))

// Where a sigmoid or a density has no slope in float32 any more, its products with powers of x would be 0 times
// infinity.
const within = (x: Tensor, limit: number): Tensor => tf.clipByValue(x, -limit, limit)

const GELU_LINEAR = 2 * Math.sqrt(2 / Math.PI), GELU_CUBIC = GELU_LINEAR * 0.044715

const geluArgument = (x: Tensor): Tensor => tf.mul(x, tf.add(tf.mul(tf.square(x), GELU_CUBIC), GELU_LINEAR))

const geluArgumentSlope = (x: Tensor): Tensor => tf.add(tf.mul(tf.square(x), 3 * GELU_CUBIC), GELU_LINEAR)

const gated: KernelSet = union(
  {
    kernels: gatedWasm,
    compositions: {
      Gelu: ({ x }: Inputs): Tensor => tf.mul(x, tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5)),
      GeluTanh: ({ x }: Inputs): Tensor => tf.mul(x, tf.sigmoid(geluArgument(x))),
      Swish: ({ x }: Inputs): Tensor => tf.mul(x, tf.sigmoid(x))
    }
  },
  // x Φ(x) and its derivatives Φ(x) + x φ(x) and (2 - x^2) φ(x).
  activationOf(
    "Gelu",
    (x) => tf.add(tf.mul(0.5, tf.add(1, tf.erf(tf.mul(Math.SQRT1_2, x)))), tf.mul(x, normalDensity(x))),
    (d, x) => tf.mul(d, tf.mul(tf.sub(2, tf.square(within(x, 20))), normalDensity(x)))
  ),
  // x s(z) and its derivatives s + x s' z' and s' (2 z' + x ((1 - 2 s) z'^2 + z'')), with z = 2 √(2/π) (x + 0.044715
  // x^3).
  activationOf(
    "GeluTanh",
    (unbounded) => {
      const x = within(unbounded, 20), z = geluArgument(x), s = tf.sigmoid(z)
      return tf.add(s, tf.mul(tf.mul(x, geluArgumentSlope(x)), tf.mul(s, tf.sigmoid(tf.neg(z)))))
    },
    (d, unbounded) => {
      // 1 - s would keep no more than its absolute precision.
      const x = within(unbounded, 20), z = geluArgument(x), s = tf.sigmoid(z), rest = tf.sigmoid(tf.neg(z))
      const z1 = geluArgumentSlope(x), z2 = tf.mul(x, 6 * GELU_CUBIC)
      const bent = tf.add(tf.mul(tf.sub(rest, s), tf.square(z1)), z2)
      return tf.mul(d, tf.mul(tf.mul(s, rest), tf.add(tf.mul(2, z1), tf.mul(x, bent))))
    }
  ),
  // x s(x) and its derivatives s + x s' and s' (2 + x (1 - 2 s)), with s' = s (1 - s).
  activationOf(
    "Swish",
    (x) => {
      const s = tf.sigmoid(x)
      return tf.mul(s, tf.add(1, tf.mul(x, tf.sub(1, s))))
    },
    (d, x) => {
      const s = tf.sigmoid(x)
      return tf.mul(d, tf.mul(tf.mul(s, tf.sub(1, s)), tf.add(2, tf.mul(x, tf.sub(1, tf.mul(2, s))))))
    }
  )
)
