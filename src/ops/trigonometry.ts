import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { stopGradient } from "../autodiff/stopGradient.ts"
import { sinesWasm } from "../backend/kernels/elementwise.ts"
import type { KernelSet } from "../backend/registry.ts"
import { binary, unary } from "./elementwise.ts"
import { taking } from "./sets.ts"

/** a / (a² + b²), by way of quotients, whose squares stay in the range of floats. */
const overSquares = (a: Tensor, b: Tensor): Tensor => {
  const scale = stopGradient(() => tf.clipByValue(tf.maximum(tf.abs(a), tf.abs(b)), 0, 3e38))
  const x = tf.div(a, scale), y = tf.div(b, scale)
  return tf.div(tf.div(x, tf.add(tf.square(x), tf.square(y))), scale)
}

/** Factors of 1 - x² keep the digits of what is close to 1. */
const slopeOfAsin = (x: Tensor): Tensor => tf.rsqrt(tf.mul(tf.sub(1, x), tf.add(1, x)))

/** Sines, cosines, tangents and their inverses. */
export const trigonometry: KernelSet = {
  gradients: [
    unary("Sin", (dy, x) => tf.mul(dy, tf.cos(x))),
    unary("Cos", (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
    unary("Tan", (dy, x) => tf.div(dy, tf.square(tf.cos(x)))),
    unary("Asin", (dy, x) => tf.mul(dy, slopeOfAsin(x))),
    unary("Acos", (dy, x) => tf.neg(tf.mul(dy, slopeOfAsin(x)))),
    unary("Atan", (dy, x) => tf.div(dy, tf.add(1, tf.square(x)))),
    binary("Atan2", (dy, a, b) => tf.mul(dy, overSquares(b, a)), (dy, a, b) => tf.neg(tf.mul(dy, overSquares(a, b))))
  ],
  kernels: sinesWasm,
  takes: taking("floats", "Asin", "Acos", "Atan", "Atan2")
}
