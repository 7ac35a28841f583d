import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { KernelSet } from "../backend/registry.ts"
import { sumTo } from "./broadcast.ts"
import { binary, unary } from "./elementwise.ts"
import type { ByOperand } from "./elementwise.ts"
import { taking } from "./sets.ts"

const byDividend: ByOperand = (dy, _, b) => tf.div(dy, b)
// The square of b would leave the range of floats long before its quotient does.
const byDivisor: ByOperand = (dy, a, b) => tf.neg(tf.mul(dy, tf.div(tf.div(a, b), b)))

const ofIntegers = (gradient: ByOperand): ByOperand => (dy, a, b) =>
  a.dtype === "int32" ? gradient(dy, tf.cast(a, "float32"), tf.cast(b, "float32")) : tf.zerosLike(dy)

/** Sums, differences, products, quotients and remainders. */
export const arithmetic: KernelSet = {
  gradients: [
    {
      kernelName: "Add",
      inputsToSave: ["a", "b"],
      gradFunc: (dy, saved) => ({
        a: () => sumTo(dy as Tensor, saved[0]!.shape),
        b: () => sumTo(dy as Tensor, saved[1]!.shape)
      })
    },
    binary("Sub", (dy) => dy, (dy) => tf.neg(dy)),
    binary("Multiply", (dy, _, b) => tf.mul(dy, tf.cast(b, "float32")), (dy, a) => tf.mul(dy, tf.cast(a, "float32"))),
    binary("RealDiv", byDividend, byDivisor),
    // What `tf.div` makes of integers; their gradient is that of a division. A quotient of floats that is rounded is
    // flat.
    binary("FloorDiv", ofIntegers(byDividend), ofIntegers(byDivisor)),
    binary("Mod", (dy) => dy, (dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b))))),
    binary(
      "SquaredDifference",
      (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
      (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a)))
    ),
    {
      kernelName: "AddN",
      saveAllInputs: true,
      gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [i, () => tf.clone(dy as Tensor)]))
    },
    unary("Neg", (dy) => tf.neg(dy)),
    unary("Abs", (dy, x) => tf.mul(dy, tf.sign(x)))
  ],
  kernels: [],
  takes: {
    ...taking("floats", "RealDiv"),
    ...taking("numbers", "Add", "Sub", "Multiply", "FloorDiv", "Mod", "SquaredDifference", "AddN", "Neg", "Abs")
  }
}
