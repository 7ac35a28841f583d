import { cast, clipByValue, gather, tensor1d } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { Tree } from "../core/Tree.ts"
import type { Loss } from "../losses/Loss.ts"
import { softmaxCrossEntropy } from "../losses/softmaxCrossEntropy.ts"
import type { Values } from "../losses/weighted.ts"
import { checkIgnored } from "./classes.ts"
import type { IgnoreOptions } from "./classes.ts"
import { sums } from "./Metric.ts"
import type { Metric } from "./Metric.ts"
import type { OfLoss } from "./perplexity.ts"

/** The options of metrics of bits of logits, or of predictions as a loss takes them. */
type Options = IgnoreOptions & { readonly loss?: Loss<never> }

/** The cross entropies of tokens, with weights where some are ignored. */
const entropies = (prediction: Tensor, target: Tensor, { ignoreIndex, loss }: Options): Values =>
  loss !== undefined
    ? loss(prediction as never, target)
    : ignoreIndex === undefined
    ? softmaxCrossEntropy(prediction, target)
    : softmaxCrossEntropy(prediction, target, { ignoreIndex })

/** What {@link bitsPerToken} is: one of logits, or of what a loss takes. */
export interface BitsPerToken {
  <Y extends Tree>(options: OfLoss<Y>): Metric<"bitsPerToken", Y>
  (options?: IgnoreOptions & { readonly loss?: never }): Metric<"bitsPerToken">
}

/**
 * The mean cross entropy in bits: how many of them a model needs for a token, of logits `[batch, time, classes]` and
 * targets as {@link Losses.softmaxCrossEntropy} takes them, or of predictions as another loss takes them. Throws a `RangeError` for an `ignoreIndex` that is none.
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
export const bitsPerToken: BitsPerToken = ((options: Options = {}): Metric<"bitsPerToken"> => {
  checkIgnored("bitsPerToken", options.ignoreIndex)
  return sums(
    "bitsPerToken",
    (prediction: Tensor, target: Tensor) => ({ total: entropies(prediction, target, options) }),
    ({ total }, weights) => total / weights.total / Math.LN2
  )
}) as BitsPerToken

/** How long tokens are. */
export interface TokenLengths {
  /** How many characters (or bytes, or words) each token of the vocabulary stands for. */
  readonly lengths: ReadonlyArray<number>
}

/** What {@link bitsPerCharacter} is: one of logits, or of what a loss takes. */
export interface BitsPerCharacter {
  <Y extends Tree>(options: TokenLengths & OfLoss<Y>): Metric<"bitsPerCharacter", Y>
  (options: TokenLengths & IgnoreOptions & { readonly loss?: never }): Metric<"bitsPerCharacter">
}

/**
 * The cross entropy of all tokens in bits over the number of characters that they stand for, which compares models with
 * different vocabularies; with the lengths of tokens in bytes these are bits per byte. Of logits `[batch, time,
 * classes]`, or of predictions as another loss takes them, and class indices `[batch, time]`. Throws a `RangeError` for lengths that are not one of 0 or more for each
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
export const bitsPerCharacter: BitsPerCharacter = ((
  { lengths, ...options }: TokenLengths & Options
): Metric<"bitsPerCharacter"> => {
  checkIgnored("bitsPerCharacter", options.ignoreIndex)
  if (lengths.length === 0 || !lengths.every((length) => length >= 0 && length < Infinity)) {
    throw new RangeError(`bitsPerCharacter: lengths are one or more numbers of 0 or more, got [${lengths.join(", ")}]`)
  }
  return sums(
    "bitsPerCharacter",
    (prediction: Tensor, target: Tensor) => {
      if (
        options.loss === undefined &&
        (prediction.shape.at(-1) !== lengths.length || target.rank !== prediction.rank - 1)
      ) {
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
}) as BitsPerCharacter
