import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { activationsWasm } from "../backend/kernels/elementwise.ts"
import { preluWasm } from "../backend/kernels/stock.ts"
import type { KernelSet } from "../backend/registry.ts"
import { activationOf } from "./activationOf.ts"
import { sumTo } from "./broadcast.ts"
import { floats, unary } from "./elementwise.ts"
import { taking, union } from "./sets.ts"

const where = (condition: Tensor): Tensor => tf.cast(condition, "float32")

const notPositive = (x: Tensor): Tensor => tf.sub(1, tf.step(x))

// d/dx selu(x) = scale for x > 0, scale * alpha * exp(x) else (Klambauer et al., "Self-normalizing neural networks").
const SELU_ALPHA = 1.6732632423543772, SELU_SCALE = 1.0507009873554805

const expOfNegative = (x: Tensor): Tensor => tf.mul(notPositive(x), tf.exp(tf.minimum(x, 0)))

/** The activations of TensorFlow.js. */
export const activations: KernelSet = union(
  activationOf("Relu", (x) => tf.step(x)),
  activationOf("Relu6", (x) => tf.mul(tf.step(x), where(tf.less(x, 6)))),
  activationOf("LeakyRelu", (x, { alpha }) => tf.step(x, alpha as number)),
  activationOf(
    "ClipByValue",
    (x, { clipValueMax, clipValueMin }) =>
      where(tf.logicalAnd(tf.greaterEqual(x, clipValueMin as number), tf.lessEqual(x, clipValueMax as number)))
  ),
  activationOf(
    "Elu",
    (x) => tf.add(tf.step(x), expOfNegative(x)),
    (_, x, sloped) => tf.mul(sloped, where(tf.less(x, 0)))
  ),
  activationOf(
    "Selu",
    (x) => tf.mul(SELU_SCALE, tf.add(tf.step(x), tf.mul(SELU_ALPHA, expOfNegative(x)))),
    (_, x, sloped) => tf.mul(sloped, where(tf.less(x, 0)))
  ),
  activationOf(
    "Tanh",
    (x) => tf.sub(1, tf.square(tf.tanh(x))),
    (_, x, sloped) => tf.mul(sloped, tf.mul(-2, tf.tanh(x)))
  ),
  activationOf(
    "Sigmoid",
    (x) => {
      const y = tf.sigmoid(x)
      return tf.mul(y, tf.sub(1, y))
    },
    (_, x, sloped) => tf.mul(sloped, tf.sub(1, tf.mul(2, tf.sigmoid(x))))
  ),
  activationOf(
    "Erf",
    (x) => tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x)))),
    (_, x, sloped) => tf.mul(sloped, tf.mul(-2, x))
  ),
  {
    gradients: [
      unary("Softplus", (dy, x) => tf.mul(dy, tf.sigmoid(x))),
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
      }
    ],
    kernels: [preluWasm, ...activationsWasm],
    takes: {
      ...taking("floats", "Erf", "Softplus", "LeakyRelu", "Selu", "Prelu"),
      ...taking("numbers", "Relu", "Relu6", "ClipByValue")
    }
  }
)
