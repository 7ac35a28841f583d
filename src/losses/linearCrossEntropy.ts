import type { Tensor } from "@tensorflow/tfjs-core"
import type { HiddenAndTable } from "../layers/tied.ts"
import { linearCrossEntropy as ofRows } from "../ops/linearCrossEntropy.ts"
import { rowsOf } from "./rows.ts"
import type { IgnoreIndex } from "./rows.ts"
import { checkOptions } from "./softmaxCrossEntropy.ts"
import type { SmoothingOptions } from "./softmaxCrossEntropy.ts"
import type { Values, Weighted } from "./weighted.ts"

/** The options of {@link linearCrossEntropy}. */
export interface LinearCrossEntropyOptions extends SmoothingOptions, IgnoreIndex {}

/** What {@link linearCrossEntropy} is: with weights beside the values where not all positions count. */
export type LinearCrossEntropy = <P extends Prediction, O extends LinearCrossEntropyOptions = {}>(
  prediction: P,
  target: Tensor,
  options?: O
) => P extends { readonly mask: Tensor } ? Weighted : O extends { readonly ignoreIndex: number } ? Weighted : Tensor

type Prediction = HiddenAndTable & { readonly mask?: Tensor }

const NAME = "linearCrossEntropy"

/**
 * The cross entropy of {@link softmaxCrossEntropy} with the logits hidden · tableᵀ, which are never in memory together
 * where there are many: see `Ops.linearCrossEntropy`. The prediction is `{ hidden, table }`, as `Layers.tied` gives it
 * with `returns: "hidden"`, of `[batch, positions…, features]` and `[classes, features]`; the target is class indices
 * `[batch, positions…]`. Gives one value per position; with a mask, or with `ignoreIndex`, the values come with their
 * weights. Throws for other shapes, and a `RangeError` for a smoothing outside of `[0, 1]` and for class indices outside
 * of `[0, classes)` (which on a GPU are only looked at where a step uploads them).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Losses } from "effect-neuron"
 *
 * const prediction = { hidden: tf.tensor2d([[1000, 0], [0, 1000]]), table: tf.tensor2d([[1, 0], [0, 1], [0, 0]]) }
 * Losses.linearCrossEntropy(prediction, tf.tensor1d([0, 2], "int32")).arraySync() // => [0, 1000]
 * ```
 */
export const linearCrossEntropy: LinearCrossEntropy = ((
  prediction: Prediction,
  target: Tensor,
  options: LinearCrossEntropyOptions = {}
): Values => {
  checkOptions(NAME, options)
  const { table } = prediction, { asValues, classes, rows } = rowsOf(NAME, prediction, target, table.shape[0]!, options)
  return asValues(ofRows({ hidden: rows, table, labels: classes, labelSmoothing: options.labelSmoothing ?? 0 }))
}) as LinearCrossEntropy
