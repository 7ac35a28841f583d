import * as tf from "@tensorflow/tfjs-core"
import type { KernelSet } from "../backend/registry.ts"
import { unary } from "./elementwise.ts"
import { taking } from "./sets.ts"

/** Hyperbolic sine and cosine; the tangent is an activation. */
export const hyperbolic: KernelSet = {
  gradients: [
    unary("Sinh", (dy, x) => tf.mul(dy, tf.cosh(x))),
    unary("Cosh", (dy, x) => tf.mul(dy, tf.sinh(x)))
  ],
  kernels: [],
  takes: taking("floats", "Sinh")
}
