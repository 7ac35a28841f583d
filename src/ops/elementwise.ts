import * as tf from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { sumTo } from "./broadcast.ts"

// Every gradient here saves inputs, never outputs: an output that is saved is put on the tape before the operation that
// makes it, and the second-order gradient through it is silently lost.

const unary = (
  kernelName: string,
  gradient: (dy: Tensor, x: Tensor, attrs: NamedAttrMap) => Tensor
): GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => ({ x: () => gradient(dy as Tensor, saved[0]!, attrs) })
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

const where = (condition: Tensor): Tensor => tf.cast(condition, "float32")

const byDividend: ByOperand = (dy, _, b) => tf.div(dy, b)
const byDivisor: ByOperand = (dy, a, b) => tf.neg(tf.mul(dy, tf.div(a, tf.square(b))))

const ofIntegers = (gradient: ByOperand): ByOperand => (dy, a, b) =>
  a.dtype === "int32" ? gradient(dy, tf.cast(a, "float32"), tf.cast(b, "float32")) : tf.zerosLike(dy)

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
  binary(
    "Pow",
    (dy, a, b) => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))),
    // log a is undefined for a <= 0, where the power is only defined for whole exponents and has no slope in them.
    (dy, a, b) => {
      const positive = tf.greater(a, 0)
      const log = tf.log(tf.where(positive, a, tf.onesLike(a)))
      return tf.mul(dy, tf.mul(where(positive), tf.mul(tf.pow(a, b), log)))
    }
  ),
  binary(
    "SquaredDifference",
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a)))
  ),
  binary(
    "Maximum",
    (dy, a, b) => tf.mul(dy, where(tf.greaterEqual(a, b))),
    (dy, a, b) => tf.mul(dy, where(tf.less(a, b)))
  ),
  binary(
    "Minimum",
    (dy, a, b) => tf.mul(dy, where(tf.lessEqual(a, b))),
    (dy, a, b) => tf.mul(dy, where(tf.greater(a, b)))
  ),
  binary(
    "Atan2",
    (dy, a, b) => tf.mul(dy, tf.div(b, tf.add(tf.square(a), tf.square(b)))),
    (dy, a, b) => tf.neg(tf.mul(dy, tf.div(a, tf.add(tf.square(a), tf.square(b)))))
  ),
  binary("Mod", (dy) => dy, (dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b))))),
  {
    kernelName: "Prelu",
    inputsToSave: ["x", "alpha"],
    gradFunc: (dy, saved) => {
      const x = saved[0]!, alpha = saved[1]!
      return {
        x: () => tf.mul(dy as Tensor, tf.where(tf.greater(x, 0), tf.onesLike(x), tf.mul(tf.onesLike(x), alpha))),
        alpha: () => sumTo(tf.mul(dy as Tensor, tf.minimum(x, 0)), alpha.shape)
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
      const chosen = () => tf.cast(saved[0]!, "float32")
      return {
        condition: () => tf.zerosLike(chosen()),
        t: () => tf.mul(dy as Tensor, chosen()),
        e: () => tf.mul(dy as Tensor, tf.sub(1, chosen()))
      }
    }
  }
]

const functions: ReadonlyArray<GradConfig> = [
  unary("Abs", (dy, x) => tf.mul(dy, tf.sign(x))),
  unary("Neg", (dy) => tf.neg(dy)),
  unary("Square", (dy, x) => tf.mul(dy, tf.mul(2, x))),
  unary("Sqrt", (dy, x) => tf.div(dy, tf.mul(2, tf.sqrt(x)))),
  unary("Rsqrt", (dy, x) => tf.neg(tf.div(dy, tf.mul(2, tf.mul(x, tf.sqrt(x)))))),
  unary("Reciprocal", (dy, x) => tf.neg(tf.div(dy, tf.square(x)))),
  unary("Exp", (dy, x) => tf.mul(dy, tf.exp(x))),
  unary("Expm1", (dy, x) => tf.mul(dy, tf.exp(x))),
  unary("Log", (dy, x) => tf.div(dy, x)),
  unary("Log1p", (dy, x) => tf.div(dy, tf.add(x, 1))),
  unary("Sin", (dy, x) => tf.mul(dy, tf.cos(x))),
  unary("Cos", (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  unary("Tan", (dy, x) => tf.div(dy, tf.square(tf.cos(x)))),
  unary("Asin", (dy, x) => tf.div(dy, tf.sqrt(tf.sub(1, tf.square(x))))),
  unary("Acos", (dy, x) => tf.neg(tf.div(dy, tf.sqrt(tf.sub(1, tf.square(x)))))),
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
