import { add, clipByValue, log, mul, neg, sub } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { sigmoidCrossEntropy } from "../ops/sigmoidCrossEntropy.ts"
import { expectShapes, meanPerExample } from "./Loss.ts"
import { float } from "./weighted.ts"

/**
 * -t log σ(z) - (1 - t) log(1 - σ(z)), computed as softplus(z) - z t, the mean of each example: the loss of independent
 * yes-or-no questions. The prediction is logits z of shape `[batch, ...]`, the target t from 0 to 1 of the same shape.
 * Finite for all finite logits. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * Losses.binaryCrossEntropy(tf.tensor2d([[100, -100]]), tf.tensor2d([[0, 0]])).arraySync() // => [50]
 * ```
 */
export const binaryCrossEntropy = (predicted: Tensor, expected: Tensor): Tensor => {
  const prediction = float(predicted), target = float(expected)
  expectShapes("binaryCrossEntropy", prediction, target)
  return sigmoidCrossEntropy(prediction, target)
}

/** How far probabilities are kept away from 0 and 1, as in Keras. */
const CLIP = 1e-7

/**
 * -t log p - (1 - t) log(1 - p), the mean of each example. The prediction is probabilities p of shape `[batch, ...]`,
 * the target t from 0 to 1 of the same shape. Probabilities are clipped to `[1e-7, 1 - 1e-7]`, so that the loss is at
 * most about 16; beyond, the gradient is 0. Prefer {@link binaryCrossEntropy}, on logits. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * const loss = Losses.binaryCrossEntropyFromProbabilities(tf.tensor1d([0.5, 0]), tf.tensor1d([1, 1]))
 * Array.from(loss.dataSync(), (x) => x.toFixed(3)) // => ["0.693", "16.118"]
 * ```
 */
export const binaryCrossEntropyFromProbabilities = (predicted: Tensor, expected: Tensor): Tensor => {
  const prediction = float(predicted), target = float(expected)
  expectShapes("binaryCrossEntropyFromProbabilities", prediction, target)
  const yes = clipByValue(prediction, CLIP, 1 - CLIP)
  const no = sub(1, yes)
  return meanPerExample(neg(add(mul(target, log(yes)), mul(sub(1, target), log(no)))))
}
