import * as tf from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { gradientOf } from "./gradientOf.ts"
import type { KernelSet } from "./registry.ts"
import { union } from "./sets.ts"

type Slope = (x: Tensor, attrs: NamedAttrMap) => Tensor

/** The second derivative times `d`, given `sloped`, the first one times `d`. */
type Curvature = (d: Tensor, x: Tensor, sloped: Tensor) => Tensor

/**
 * The gradient of a function is a kernel of its own, `TanhGradient` for `Tanh`, of one pass over memory where the backend
 * has it; elsewhere it is composed from the slope. Without a curvature the slope is constant between kinks.
 */
const activation = (kernelName: string, slope: Slope, curvature?: Curvature): Partial<KernelSet> => {
  const name = `${kernelName}Gradient`
  const gradient = (dy: Tensor, x: Tensor, attrs: NamedAttrMap): Tensor => tf.engine().runKernel(name, { dy, x }, attrs)
  return {
    gradients: [
      gradientOf(kernelName, ["x"], (dy, { x }, attrs) => ({ x: () => gradient(dy, x, attrs) })),
      gradientOf(name, ["dy", "x"], (ddx, { dy, x }, attrs) => ({
        dy: () => gradient(ddx, x, attrs),
        x: () => {
          if (curvature === undefined) return tf.zerosLike(x)
          const d = tf.mul(ddx, dy)
          return curvature(d, x, gradient(d, x, attrs))
        }
      }))
    ],
    compositions: {
      [name]: ({ dy, x }: { readonly dy: Tensor; readonly x: Tensor }, attrs: NamedAttrMap): Tensor =>
        tf.mul(dy, slope(x, attrs))
    }
  }
}

const where = (condition: Tensor): Tensor => tf.cast(condition, "float32")

const notPositive = (x: Tensor): Tensor => tf.sub(1, tf.step(x))

// d/dx selu(x) = scale for x > 0, scale * alpha * exp(x) else (Klambauer et al., "Self-normalizing neural networks").
const SELU_ALPHA = 1.6732632423543772, SELU_SCALE = 1.0507009873554805

const expOfNegative = (x: Tensor): Tensor => tf.mul(notPositive(x), tf.exp(tf.minimum(x, 0)))

const normalDensity = (x: Tensor): Tensor => tf.mul(1 / Math.sqrt(2 * Math.PI), tf.exp(tf.mul(-0.5, tf.square(x))))

const GELU_LINEAR = 2 * Math.sqrt(2 / Math.PI), GELU_CUBIC = GELU_LINEAR * 0.044715

const geluArgument = (x: Tensor): Tensor => tf.mul(x, tf.add(tf.mul(tf.square(x), GELU_CUBIC), GELU_LINEAR))

const geluArgumentSlope = (x: Tensor): Tensor => tf.add(tf.mul(tf.square(x), 3 * GELU_CUBIC), GELU_LINEAR)

/** Gradients of activations. `Gelu`, `GeluTanh` and `Swish` are kernels of this package, for their layers. */
export const activations: KernelSet = union(
  activation("Relu", (x) => tf.step(x)),
  activation("Relu6", (x) => tf.mul(tf.step(x), where(tf.less(x, 6)))),
  activation("LeakyRelu", (x, { alpha }) => tf.step(x, alpha as number)),
  activation(
    "ClipByValue",
    (x, { clipValueMax, clipValueMin }) =>
      where(tf.logicalAnd(tf.greaterEqual(x, clipValueMin as number), tf.lessEqual(x, clipValueMax as number)))
  ),
  activation(
    "Elu",
    (x) => tf.add(tf.step(x), expOfNegative(x)),
    (_, x, sloped) => tf.mul(sloped, notPositive(x))
  ),
  activation(
    "Selu",
    (x) => tf.mul(SELU_SCALE, tf.add(tf.step(x), tf.mul(SELU_ALPHA, expOfNegative(x)))),
    (_, x, sloped) => tf.mul(sloped, notPositive(x))
  ),
  activation(
    "Tanh",
    (x) => tf.sub(1, tf.square(tf.tanh(x))),
    (_, x, sloped) => tf.mul(sloped, tf.mul(-2, tf.tanh(x)))
  ),
  activation(
    "Sigmoid",
    (x) => {
      const y = tf.sigmoid(x)
      return tf.mul(y, tf.sub(1, y))
    },
    (_, x, sloped) => tf.mul(sloped, tf.sub(1, tf.mul(2, tf.sigmoid(x))))
  ),
  activation(
    "Erf",
    (x) => tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x)))),
    (_, x, sloped) => tf.mul(sloped, tf.mul(-2, x))
  ),
  // x Φ(x) and its derivatives Φ(x) + x φ(x) and (2 - x^2) φ(x).
  activation(
    "Gelu",
    (x) => tf.add(tf.mul(0.5, tf.add(1, tf.erf(tf.mul(Math.SQRT1_2, x)))), tf.mul(x, normalDensity(x))),
    (d, x) => tf.mul(d, tf.mul(tf.sub(2, tf.square(x)), normalDensity(x)))
  ),
  // x s(z) and its derivatives s + x s' z' and s' (2 z' + x ((1 - 2 s) z'^2 + z'')), with z = 2 √(2/π) (x + 0.044715 x^3).
  activation(
    "GeluTanh",
    (x) => {
      const z = geluArgument(x), s = tf.sigmoid(z)
      return tf.add(s, tf.mul(tf.mul(x, geluArgumentSlope(x)), tf.mul(s, tf.sigmoid(tf.neg(z)))))
    },
    (d, x) => {
      // 1 - s would keep no more than its absolute precision.
      const z = geluArgument(x), s = tf.sigmoid(z), rest = tf.sigmoid(tf.neg(z))
      const z1 = geluArgumentSlope(x), z2 = tf.mul(x, 6 * GELU_CUBIC)
      const bent = tf.add(tf.mul(tf.sub(rest, s), tf.square(z1)), z2)
      return tf.mul(d, tf.mul(tf.mul(s, rest), tf.add(tf.mul(2, z1), tf.mul(x, bent))))
    }
  ),
  // x s(x) and its derivatives s + x s' and s' (2 + x (1 - 2 s)), with s' = s (1 - s).
  activation(
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
