import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import { finite } from "../core/Kind.ts"
import * as gated from "../ops/gelu.ts"
import { logSoftmax as logSoftmaxOf } from "../ops/softmax.ts"
import { rectifier } from "./fusion.ts"
import { kind, only } from "./kind.ts"
import { mismatch } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"
import { activation, ofTensor } from "./ofTensor.ts"

/** An activation that is the only one of its kind; `slope` says that it is a rectifier. */
const activated = (
  name: string,
  f: (x: Tensor) => Tensor,
  slope?: number
): Layer<Empty, Empty> => {
  const layer = activation(name, f)
  return only(name, slope === undefined ? layer : rectifier(layer, slope), true)
}

/**
 * x itself, of any shape: for the place of a layer where none is needed.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([-1, 2])
 * Layers.identity.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [-1, 2]
 * ```
 */
export const identity: Layer<Empty, Empty> = /* @__PURE__ */ activated("identity", (x) => x)

/**
 * max(x, 0) (Nair, Hinton: "Rectified linear units improve restricted Boltzmann machines", 2010). Of any shape; the
 * slope at 0 is 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([-1, 2])
 * Layers.relu.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0, 2]
 * ```
 */
export const relu: Layer<Empty, Empty> = /* @__PURE__ */ activated("relu", (x) => tf.relu(x), 0)

/**
 * x for x > 0, `slope` times x else. By default the slope is 0.2, as in TensorFlow and in adversarial networks
 * (Radford, Metz, Chintala: "Unsupervised representation learning with deep convolutional generative adversarial
 * networks", 2016); PyTorch's default is 0.01 (Maas, Hannun, Ng: "Rectifier nonlinearities improve neural network
 * acoustic models", 2013). Throws a `RangeError` for a slope that is not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([-2, 2])
 * Layers.leakyRelu(0.25).apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [-0.5, 2]
 * ```
 */
export const leakyRelu = /* @__PURE__ */ kind("leakyRelu", {
  options: { slope: { type: finite, default: 0.2, bare: true } },
  perStep: true,
  given: (slope?: number) => [{ slope }],
  make: ({ slope }) => {
    const layer = activation("leakyRelu", (x) => tf.leakyRelu(x, slope))
    return slope > 0 ? rectifier(layer, slope) : layer
  }
})

/**
 * x for x > 0, exp(x) - 1 else (Clevert, Unterthiner, Hochreiter: "Fast and accurate deep network learning by
 * exponential linear units", 2016).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0, 2])
 * Layers.elu.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0, 2]
 * ```
 */
export const elu: Layer<Empty, Empty> = /* @__PURE__ */ activated("elu", (x) => tf.elu(x))

/**
 * 1.0507 times x for x > 0, 1.0507 · 1.6733 (exp(x) - 1) else: keeps mean 0 and variance 1 from layer to layer
 * (Klambauer et al.: "Self-normalizing neural networks", 2017).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0])
 * Layers.selu.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0]
 * ```
 */
export const selu: Layer<Empty, Empty> = /* @__PURE__ */ activated("selu", (x) => tf.selu(x))

/**
 * 1 / (1 + exp(-x)).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0])
 * Layers.sigmoid.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0.5]
 * ```
 */
export const sigmoid: Layer<Empty, Empty> = /* @__PURE__ */ activated("sigmoid", (x) => tf.sigmoid(x))

/**
 * The hyperbolic tangent.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0])
 * Layers.tanh.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0]
 * ```
 */
export const tanh: Layer<Empty, Empty> = /* @__PURE__ */ activated("tanh", (x) => tf.tanh(x))

/**
 * log(1 + exp(x)), a smooth rectifier (Dugas et al.: "Incorporating second-order functional knowledge for better option
 * pricing", 2001).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([100])
 * Layers.softplus.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [100]
 * ```
 */
export const softplus: Layer<Empty, Empty> = /* @__PURE__ */ activated("softplus", (x) => tf.softplus(x))

/**
 * x Φ(x), with the distribution function Φ of the normal distribution by the error function (Hendrycks, Gimpel:
 * "Gaussian error linear units", 2016).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0, 100])
 * Layers.gelu.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0, 100]
 * ```
 */
export const gelu: Layer<Empty, Empty> = /* @__PURE__ */ activated("gelu", gated.gelu)

/**
 * The approximation x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 of {@link gelu}, from the same paper; GPT-2 uses it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0, 100])
 * Layers.geluTanh.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0, 100]
 * ```
 */
export const geluTanh: Layer<Empty, Empty> = /* @__PURE__ */ activated("geluTanh", gated.geluTanh)

/**
 * x sigmoid(x), also called SiLU (Ramachandran, Zoph, Le: "Searching for activation functions", 2017).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor1d([0, 100])
 * Layers.swish.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [0, 100]
 * ```
 */
export const swish: Layer<Empty, Empty> = /* @__PURE__ */ activated("swish", gated.swish)

const overClasses = (name: string, f: (x: Tensor) => Tensor): Layer<Empty, Empty> =>
  only(
    name,
    ofTensor<Empty>({
      name,
      // The last axis of a batch of scalars is the batch.
      init: (_, input) =>
        input.length === 0 ? mismatch(name, "[..., classes]", input) : Result.succeed({ params: {}, output: input }),
      apply: (_, x) => x.rank < 2 ? fail(name, "x [batch, ..., classes]", shapeOf(x)) : f(x)
    }),
    true
  )

/**
 * exp(x) / Σ exp(x) along the last axis: probabilities, from `[..., classes]` to the same. For training, give the
 * logits to `Losses.softmaxCrossEntropy` instead.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor2d([[7, 7]])
 * Layers.softmax.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [[0.5, 0.5]]
 * ```
 */
export const softmax: Layer<Empty, Empty> = /* @__PURE__ */ overClasses("softmax", (x) => tf.softmax(x))

/**
 * The logarithm of {@link softmax}, finite for every finite x, from `[..., classes]` to the same.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const x = tf.tensor2d([[1000, -1000]])
 * Layers.logSoftmax.apply({}, {}, x, { training: false, key: Key.make(0) })[0].arraySync() // => [[0, -2000]]
 * ```
 */
export const logSoftmax: Layer<Empty, Empty> = /* @__PURE__ */ overClasses("logSoftmax", logSoftmaxOf)
