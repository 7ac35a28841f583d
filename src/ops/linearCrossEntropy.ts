import {
  add,
  cast,
  concat,
  engine,
  exp,
  matMul,
  max,
  reciprocal,
  reshape,
  sub,
  sum,
  zeros,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { WithUnread } from "../autodiff/differentiate.ts"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { linearCrossEntropyGradientWasm, linearCrossEntropyWasm } from "../backend/kernels/linearCrossEntropy.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { equals, format } from "../core/Shape.ts"
import { byClassGradient, crossEntropy } from "./crossEntropy.ts"
import type { CrossEntropyOptions } from "./crossEntropy.ts"

/** What {@link linearCrossEntropy} takes. */
export interface LinearCrossEntropyOptions extends CrossEntropyOptions {
  /** `[..., features]`. */
  readonly hidden: Tensor
  /** `[classes, features]`, such as the table of an embedding. */
  readonly table: Tensor
  /** Is added to the logits, `[classes]`. */
  readonly bias?: Tensor
  /** The class of each, `[...]`. */
  readonly labels: Tensor
}

/**
 * {@link crossEntropy} of the logits hidden · tableᵀ + bias, one value for each label. Where there are many logits, as in
 * a language model of a large vocabulary, they are never in memory together on the WebAssembly backend: a block of them
 * is computed, and computed again for the gradient (as in Wijmans et al.: "Cut your losses in large-vocabulary language
 * models", 2025). An index outside of `[0, classes)` is no class, as there. Throws for other shapes, and a `RangeError`
 * for a smoothing outside of `[0, 1]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const hidden = tf.tensor2d([[1000, 0], [0, 1000]]), table = tf.tensor2d([[1, 0], [0, 1], [0, 0]])
 * Ops.linearCrossEntropy({ hidden, table, labels: tf.tensor1d([0, 2], "int32") }).arraySync() // => [0, 1000]
 * ```
 */
export const linearCrossEntropy = (
  { bias, hidden, labelSmoothing = 0, labels, table }: LinearCrossEntropyOptions
): Tensor => {
  const [classes, features] = table.shape as [number, number], shape = hidden.shape.slice(0, -1)
  if (table.rank !== 2 || classes === 0 || hidden.rank === 0 || hidden.shape.at(-1) !== features) {
    const got = `${shapeOf(hidden)} and ${shapeOf(table)}`
    fail(NAME, "hidden states [..., features] and a table [classes, features]", got)
  }
  if (!equals(labels.shape, shape)) fail(NAME, `labels ${format(shape)}, one for each hidden state`, shapeOf(labels))
  if (bias !== undefined && !equals(bias.shape, [classes])) fail(NAME, `a bias [${classes}]`, shapeOf(bias))
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`${NAME}: labelSmoothing is from 0 to 1, got ${labelSmoothing}`)
  }
  const [losses] = run<Outputs>(set, KERNEL, {
    hidden: reshape(asFloat(NAME, "hidden states", hidden), [labels.size, features]),
    table: asFloat(NAME, "a table", table),
    bias: bias === undefined ? zeros([0]) : asFloat(NAME, "a bias", bias),
    labels: reshape(labels.dtype === "int32" ? labels : cast(labels, "int32"), [labels.size])
  }, { labelSmoothing })
  return reshape(losses, shape)
}

const NAME = "linearCrossEntropy", KERNEL = "LinearCrossEntropy", GRADIENT = "LinearCrossEntropyGradient"

interface Inputs {
  readonly hidden: Tensor
  readonly table: Tensor
  /** `[0]` where there is none. */
  readonly bias: Tensor
  readonly labels: Tensor
}

type Outputs = [losses: Tensor, kept: Tensor, logits: Tensor]
type Gradients = [hidden: Tensor, table: Tensor, bias: Tensor]

const logitsOf = ({ bias, hidden, table }: Inputs): Tensor => {
  const products = matMul(hidden as Tensor2D, table as Tensor2D, false, true)
  return bias.size === 0 ? products : add(products, bias)
}

/** The gradients, of operations that can be differentiated again. */
const composedGradients = (inputs: Inputs & { readonly dy: Tensor }, attrs: CrossEntropyOptions): Gradients => {
  const { bias, dy, hidden, labels, table } = inputs
  const slopes = byClassGradient({ dy, logits: logitsOf(inputs), classes: labels }, attrs)
  return [
    matMul(slopes as Tensor2D, table as Tensor2D),
    matMul(slopes as Tensor2D, hidden as Tensor2D, true, false),
    bias.size === 0 ? zerosLike(bias) : sum(slopes, 0)
  ]
}

const gradient: WithUnread = {
  kernelName: KERNEL,
  inputsToSave: ["hidden", "table", "bias", "labels"],
  outputsToSave: [false, true, true],
  unread: [1, 2],
  gradFunc: (dys, saved, attrs) => {
    const [hidden, table, bias, labels, kept, logits] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const inputs = { hidden, table, bias, labels, dy: (dys as unknown as [Tensor])[0] }
    // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
    const [dhidden, dtable, dbias] = engine().state.gradientDepth > 0
      ? composedGradients(inputs, attrs)
      : run<Gradients>(set, GRADIENT, { ...inputs, kept, logits }, attrs)
    return {
      hidden: () => dhidden,
      table: () => dtable,
      bias: () => dbias,
      labels: () => zerosLike(cast(labels, "float32"))
    }
  }
}

const set: KernelSet = {
  gradients: [gradient],
  kernels: [linearCrossEntropyWasm, linearCrossEntropyGradientWasm],
  compositions: {
    [KERNEL]: (inputs: Inputs, attrs: CrossEntropyOptions): Outputs => {
      const logits = logitsOf(inputs), largest = max(logits, 1, true)
      const inverse = reciprocal(sum(exp(sub(logits, largest)), 1, true))
      return [crossEntropy(logits, inputs.labels, attrs), concat([largest, inverse], 1), zeros([0, logits.shape[1]!])]
    },
    [GRADIENT]: composedGradients
  }
}
