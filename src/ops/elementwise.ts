import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { stopGradient } from "../autodiff/stopGradient.ts"
import { sumTo } from "./broadcast.ts"

// Every gradient here saves inputs, never outputs: an output that is saved is put on the tape before the operation that
// makes it, and the second-order gradient through it is silently lost.

const floats = (x: Tensor): Tensor => x.dtype === "float32" ? x : tf.cast(x, "float32")

const unary = (
  kernelName: string,
  gradient: (dy: Tensor, x: Tensor, attrs: NamedAttrMap) => Tensor
): GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => ({ x: () => gradient(dy as Tensor, floats(saved[0]!), attrs) })
})

type ByOperand = (dy: Tensor, a: Tensor, b: Tensor) => Tensor

const binary = (kernelName: string, byA: ByOperand, byB: ByOperand): GradConfig => ({
  kernelName,
  inputsToSave: ["a", "b"],
  gradFunc: (dy, saved) => {
    const a = saved[0]!, b = saved[1]!
    return {
      a: () => sumTo(byA(dy as Tensor, a, b), a.shape),
      b: () => sumTo(byB(dy as Tensor, a, b), b.shape)
    }
  }
})

const zero = (kernelName: string, ...inputs: ReadonlyArray<string>): GradConfig => ({
  kernelName,
  inputsToSave: [...inputs],
  gradFunc: (_, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape, "float32")]))
})

const byDividend: ByOperand = (dy, _, b) => tf.div(dy, b)
// The square of b would leave the range of floats long before its quotient does.
const byDivisor: ByOperand = (dy, a, b) => tf.neg(tf.mul(dy, tf.div(tf.div(a, b), b)))

const ofIntegers = (gradient: ByOperand): ByOperand => (dy, a, b) =>
  a.dtype === "int32" ? gradient(dy, tf.cast(a, "float32"), tf.cast(b, "float32")) : tf.zerosLike(dy)

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

/** 1 where a is larger, 0 where b is, and half where they tie. */
const shareOfLarger = (a: Tensor, b: Tensor): Tensor => tf.mul(0.5, tf.add(1, tf.sign(tf.sub(a, b))))

/** a / (a² + b²), by way of quotients, whose squares stay in the range of floats. */
const overSquares = (a: Tensor, b: Tensor): Tensor => {
  const scale = stopGradient(() => tf.clipByValue(tf.maximum(tf.abs(a), tf.abs(b)), 0, 3e38))
  const x = tf.div(a, scale), y = tf.div(b, scale)
  return tf.div(tf.div(x, tf.add(tf.square(x), tf.square(y))), scale)
}

const arithmetic: ReadonlyArray<GradConfig> = [
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
  // What `tf.div` makes of integers; their gradient is that of a division. A quotient of floats that is rounded is flat.
  binary("FloorDiv", ofIntegers(byDividend), ofIntegers(byDivisor)),
  binary("Pow", byBase, byExponent),
  binary(
    "SquaredDifference",
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a)))
  ),
  binary("Maximum", (dy, a, b) => tf.mul(dy, shareOfLarger(a, b)), (dy, a, b) => tf.mul(dy, shareOfLarger(b, a))),
  binary("Minimum", (dy, a, b) => tf.mul(dy, shareOfLarger(b, a)), (dy, a, b) => tf.mul(dy, shareOfLarger(a, b))),
  binary("Atan2", (dy, a, b) => tf.mul(dy, overSquares(b, a)), (dy, a, b) => tf.neg(tf.mul(dy, overSquares(a, b)))),
  binary("Mod", (dy) => dy, (dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b))))),
  {
    kernelName: "Prelu",
    inputsToSave: ["x", "alpha"],
    gradFunc: (dy, saved) => {
      const x = floats(saved[0]!), alpha = floats(saved[1]!), d = dy as Tensor
      return {
        x: () => sumTo(tf.where(tf.greater(x, 0), d, tf.mul(d, alpha)), x.shape),
        alpha: () => sumTo(tf.mul(d, tf.minimum(x, 0)), alpha.shape)
      }
    }
  },
  {
    kernelName: "AddN",
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [i, () => tf.clone(dy as Tensor)]))
  },
  {
    kernelName: "Select",
    inputsToSave: ["condition"],
    gradFunc: (dy, saved) => {
      const condition = saved[0]!, d = dy as Tensor, zeros = () => tf.zerosLike(d)
      return {
        condition: zeros,
        // Not times 0, which an infinite gradient of what was not chosen would not stay.
        t: () => tf.where(condition, d, zeros()),
        e: () => tf.where(condition, zeros(), d)
      }
    }
  }
]

/** Factors of 1 - x² keep the digits of what is close to 1. */
const slopeOfAsin = (x: Tensor): Tensor => tf.rsqrt(tf.mul(tf.sub(1, x), tf.add(1, x)))

const functions: ReadonlyArray<GradConfig> = [
  unary("Abs", (dy, x) => tf.mul(dy, tf.sign(x))),
  unary("Neg", (dy) => tf.neg(dy)),
  unary("Square", (dy, x) => tf.mul(dy, tf.mul(2, x))),
  unary("Sqrt", (dy, x) => tf.div(dy, tf.mul(2, tf.sqrt(x)))),
  unary("Rsqrt", (dy, x) => {
    const y = tf.rsqrt(x)
    return tf.mul(tf.mul(dy, -0.5), tf.mul(tf.square(y), y))
  }),
  unary("Reciprocal", (dy, x) => tf.neg(tf.mul(dy, tf.square(tf.reciprocal(x))))),
  unary("Exp", (dy, x) => tf.mul(dy, tf.exp(x))),
  unary("Expm1", (dy, x) => tf.mul(dy, tf.exp(x))),
  unary("Log", (dy, x) => tf.div(dy, x)),
  unary("Log1p", (dy, x) => tf.div(dy, tf.add(x, 1))),
  unary("Sin", (dy, x) => tf.mul(dy, tf.cos(x))),
  unary("Cos", (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  unary("Tan", (dy, x) => tf.div(dy, tf.square(tf.cos(x)))),
  unary("Asin", (dy, x) => tf.mul(dy, slopeOfAsin(x))),
  unary("Acos", (dy, x) => tf.neg(tf.mul(dy, slopeOfAsin(x)))),
  unary("Atan", (dy, x) => tf.div(dy, tf.add(1, tf.square(x)))),
  unary("Sinh", (dy, x) => tf.mul(dy, tf.cosh(x))),
  unary("Cosh", (dy, x) => tf.mul(dy, tf.sinh(x))),
  unary("Softplus", (dy, x) => tf.mul(dy, tf.sigmoid(x)))
]

/** Gradients of the operations that work element by element. */
export const elementwise: ReadonlyArray<GradConfig> = [
  ...arithmetic,
  ...functions,
  ...[
    "Step",
    "Sign",
    "Floor",
    "Ceil",
    "Round",
    "ZerosLike",
    "OnesLike",
    "IsNan",
    "IsInf",
    "ArgMax",
    "ArgMin",
    "IsFinite",
    "LogicalNot"
  ]
    .map((name) => zero(name, "x")),
  ...["Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "LogicalAnd", "LogicalOr"]
    .map((name) => zero(name, "a", "b"))
]
