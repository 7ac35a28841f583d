import * as tf from "@tensorflow/tfjs-core"
import { exponentialsWasm } from "../backend/kernels/elementwise.ts"
import type { KernelSet } from "../backend/registry.ts"
import { unary } from "./elementwise.ts"
import { taking } from "./sets.ts"

/** Exponentials and logarithms. */
export const exponentials: KernelSet = {
  gradients: [
    unary("Exp", (dy, x) => tf.mul(dy, tf.exp(x))),
    unary("Expm1", (dy, x) => tf.mul(dy, tf.exp(x))),
    unary("Log", (dy, x) => tf.div(dy, x)),
    unary("Log1p", (dy, x) => tf.div(dy, tf.add(x, 1)))
  ],
  kernels: exponentialsWasm,
  takes: taking("floats", "Exp", "Expm1", "Log1p")
}
