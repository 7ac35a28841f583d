import type { Tensor } from "@tensorflow/tfjs-core"
import type { Masked } from "../layers/lambda.ts"
import { editDistance } from "./editDistance.ts"
import type { Metric } from "./Metric.ts"
import { ofSequences } from "./ofSequences.ts"
import type { TokenOptions } from "./ofSequences.ts"

/** The options of {@link errorRate}. */
export interface ErrorRateOptions extends TokenOptions {
  /**
   * The blank of a model that is trained by `Losses.ctc`: of its best alignment repetitions count once and blanks not at
   * all. By default each step is a token.
   */
  readonly blank?: number
}

/**
 * The error rate of sequences of tokens, the edits ({@link editDistance}) that make the expected sequences of the
 * predicted ones over the number of expected tokens: of characters the character error rate, of words the word error
 * rate, from 0 on. Predictions are scores `[batch, time, classes]`, of which the highest at each step is the token, or
 * tokens `[batch, time]`, with a mask, `{ x, mask }`, or without; targets are tokens `[batch, length]`. `NaN` where nothing
 * is expected. Throws a `RangeError` for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const errors = Metrics.errorRate({ blank: 0 }), target = tf.tensor2d([[1, 2, 2, -1]], [1, 4], "int32")
 * const alignment = tf.tensor2d([[1, 1, 0, 2, 2, 0, 0]], [1, 7], "int32")
 * Metrics.compute(errors, [errors.measure(alignment, target)]) // => 1 / 3
 * ```
 */
export const errorRate = ({ blank, ...options }: ErrorRateOptions = {}): Metric<"errorRate", Tensor | Masked> =>
  ofSequences(
    "errorRate",
    { ...options, ...(blank === undefined ? {} : { read: (tokens) => alignedTo(tokens, blank) }) },
    (predicted, expected) => [editDistance(predicted, expected), expected.length],
    ([edits, length]) => edits! / length!
  )

/** The labels of an alignment. */
export const alignedTo = (tokens: ReadonlyArray<number>, blank: number): ReadonlyArray<number> =>
  tokens.filter((token, i) => token !== blank && token !== tokens[i - 1])
