import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { powWasm } from "../backend/kernels/binary.ts"
import { rootsWasm } from "../backend/kernels/elementwise.ts"
import type { KernelSet } from "../backend/registry.ts"
import { binary, unary } from "./elementwise.ts"
import type { ByOperand } from "./elementwise.ts"
import { taking } from "./sets.ts"

const one = (condition: Tensor): Tensor => tf.cast(condition, "float32")

const byBase: ByOperand = (dy, a, b) => {
  // The power of 0 by 0 is constant, but its factors would be 0 and infinity. An exponent that is one number stays one.
  const base = tf.add(a, tf.mul(one(tf.equal(a, 0)), one(tf.equal(b, 0))))
  return tf.mul(dy, tf.mul(b, tf.pow(base, tf.sub(b, 1))))
}

// Below 0 a power is only defined for whole exponents and has no slope in them: it is taken as 0, as in TensorFlow.
const byExponent: ByOperand = (dy, a, b) => {
  const positive = tf.greater(a, 0), base = tf.where(positive, a, tf.onesLike(a))
  const slope = tf.mul(tf.pow(base, b), tf.log(base)), zeros = tf.zerosLike(slope)
  const falls = tf.logicalAnd(tf.equal(a, 0), tf.less(b, 0))
  return tf.mul(dy, tf.where(positive, slope, tf.where(falls, tf.fill(slope.shape, -Infinity), zeros)))
}

/** Powers, squares, roots and reciprocals. */
export const powers: KernelSet = {
  gradients: [
    binary("Pow", byBase, byExponent),
    unary("Square", (dy, x) => tf.mul(dy, tf.mul(2, x))),
    unary("Sqrt", (dy, x) => tf.div(dy, tf.mul(2, tf.sqrt(x)))),
    unary("Rsqrt", (dy, x) => {
      const y = tf.rsqrt(x)
      return tf.mul(tf.mul(dy, -0.5), tf.mul(tf.square(y), y))
    }),
    unary("Reciprocal", (dy, x) => tf.neg(tf.mul(dy, tf.square(tf.reciprocal(x)))))
  ],
  kernels: [powWasm, ...rootsWasm],
  takes: { ...taking("floats", "Reciprocal"), ...taking("numbers", "Pow", "Square") }
}
