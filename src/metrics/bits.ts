import { cast, clipByValue, gather, tensor1d } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { softmaxCrossEntropy } from "../losses/softmaxCrossEntropy.ts"
import { checkIgnored } from "./classes.ts"
import type { IgnoreOptions } from "./classes.ts"
import { sums } from "./Metric.ts"
import type { Metric } from "./Metric.ts"

/** The cross entropies of tokens, with weights where some are ignored. */
const entropies = (prediction: Tensor, target: Tensor, { ignoreIndex }: IgnoreOptions) =>
  ignoreIndex === undefined
    ? softmaxCrossEntropy(prediction, target)
    : softmaxCrossEntropy(prediction, target, { ignoreIndex })

/**
 * The mean cross entropy in bits: how many of them a model needs for a token, of logits `[batch, time, classes]` and
 * targets as {@link Losses.softmaxCrossEntropy} takes them. Throws a `RangeError` for an `ignoreIndex` that is none.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const bits = Metrics.bitsPerToken(), measured = bits.measure(tf.zeros([1, 2, 8]), tf.tensor2d([[3, 7]]))
 * Metrics.compute(bits, [measured]).toFixed(4) // => "3.0000"
 * ```
 */
export const bitsPerToken = (options: IgnoreOptions = {}): Metric<"bitsPerToken"> => {
  checkIgnored("bitsPerToken", options.ignoreIndex)
  return sums(
    "bitsPerToken",
    (prediction: Tensor, target: Tensor) => ({ total: entropies(prediction, target, options) }),
    ({ total }, weights) => total / weights.total / Math.LN2
  )
}

/** The options of {@link bitsPerCharacter}. */
export interface BitsPerCharacterOptions extends IgnoreOptions {
  /** How many characters (or bytes, or words) each token of the vocabulary stands for. */
  readonly lengths: ReadonlyArray<number>
}

/**
 * The cross entropy of all tokens in bits over the number of characters that they stand for, which compares models with
 * different vocabularies; with the lengths of tokens in bytes these are bits per byte. Of logits `[batch, time,
 * classes]` and class indices `[batch, time]`. Throws a `RangeError` for lengths that are not one of 0 or more for each
 * class.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const bits = Metrics.bitsPerCharacter({ lengths: ["the", " ", "cat", "s"].map(({ length }) => length) })
 * const measured = bits.measure(tf.zeros([1, 3, 4]), tf.tensor2d([[0, 1, 2]], [1, 3], "int32"))
 * Metrics.compute(bits, [measured]).toFixed(4) // => "0.8571"
 * ```
 */
export const bitsPerCharacter = ({ lengths, ...options }: BitsPerCharacterOptions): Metric<"bitsPerCharacter"> => {
  checkIgnored("bitsPerCharacter", options.ignoreIndex)
  if (lengths.length === 0 || !lengths.every((length) => length >= 0 && length < Infinity)) {
    throw new RangeError(`bitsPerCharacter: lengths are one or more numbers of 0 or more, got [${lengths.join(", ")}]`)
  }
  return sums(
    "bitsPerCharacter",
    (prediction: Tensor, target: Tensor) => {
      if (prediction.shape.at(-1) !== lengths.length || target.rank !== prediction.rank - 1) {
        throw new RangeError(
          `bitsPerCharacter expects logits [..., ${lengths.length}], by its lengths, and class indices, got [${
            prediction.shape.join(", ")
          }] and [${target.shape.join(", ")}]`
        )
      }
      const total = entropies(prediction, target, options)
      const characters = gather(tensor1d([...lengths]), cast(clipByValue(target, 0, lengths.length - 1), "int32"))
      return { total, characters: "values" in total ? { values: characters, weight: total.weight } : characters }
    },
    ({ characters, total }) => total / characters / Math.LN2
  )
}
