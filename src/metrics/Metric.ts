import type { Tensor } from "@tensorflow/tfjs-core"
import * as Tree from "../core/Tree.ts"
import { sums as weightedSums, weigh } from "../losses/weighted.ts"
import type { Values } from "../losses/weighted.ts"
import { checkName } from "./names.ts"
import { addParts, numberOf } from "./parts.ts"
import type { Parts, Read } from "./parts.ts"

/**
 * A number, or a record of numbers, that tells how good predictions are, and that is the same over batches, epochs,
 * shards and machines. `Y` and `T` are what the model gives for a batch and what it should have given, one tensor each
 * unless the model gives a tree; `A` is what it finishes as.
 */
export interface Metric<out Name extends string, in Y = Tensor, in T = Tensor, out A = number> {
  readonly name: Name
  /**
   * What is to be known of a batch: a small tree of tensors, such as sums and counts. `weight`, of `[batch]`, is what
   * each example counts, by default 1. A synchronous tensor program that disposes nothing.
   */
  readonly measure: (prediction: Y, target: T, weight?: Tensor) => Tree.Tree
  /** What is to be known of two sets of examples together; associative. */
  readonly merge: (a: Parts, b: Parts) => Parts
  readonly finish: (parts: Parts) => A
}

/**
 * Makes a metric. In `merge`, by default the sum of the parts, and in `finish` each tensor of `measure` is a
 * `Float64Array` of its values. Throws a `RangeError` for a name that is a step's own: `step`, `loss`, `size`, `epoch`,
 * `endOfEpoch`, `weight`. Every other name is only one to read: a metric that is `NaN` fails no step.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const worst = Metrics.make({
 *   name: "worstError",
 *   measure: (prediction: tf.Tensor, target: tf.Tensor) => ({ error: tf.max(tf.abs(tf.sub(prediction, target))) }),
 *   merge: (a, b) => ({ error: Float64Array.of(Math.max(a.error[0]!, b.error[0]!)) }),
 *   finish: ({ error }) => error[0]!
 * })
 * const [one, other] = [tf.tensor1d([1, 2]), tf.tensor1d([5, 4])]
 * Metrics.compute(worst, [worst.measure(one!, other!), worst.measure(other!, other!)]) // => 4
 * ```
 */
export const make = <const Name extends string, P extends Tree.Tree, A, Y = Tensor, T = Tensor>(options: {
  readonly name: Name
  readonly measure: (prediction: Y, target: T, weight?: Tensor) => P
  readonly merge?: (a: Read<P>, b: Read<P>) => Read<P>
  readonly finish: (parts: Read<P>) => A
}): Metric<Name, Y, T, A> => {
  checkName(options.name)
  return {
    name: options.name,
    measure: options.measure as (prediction: Y, target: T, weight?: Tensor) => Tree.Tree,
    merge: ((options.merge as unknown) ?? addParts) as Metric<Name, Y, T, A>["merge"],
    finish: options.finish as unknown as Metric<Name, Y, T, A>["finish"]
  }
}

/**
 * A metric of weighted sums: `compute` gives named values of `[batch]` or `[batch, positions…]`, each with a weight of
 * their own or not, and `finish` gets the sum of weight · value of each, and the sum of the weights of each. Throws a
 * `RangeError` for a name that is a step's own.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const rootMeanSquare = Metrics.sums(
 *   "rootMeanSquare",
 *   (prediction: tf.Tensor, target: tf.Tensor) => ({ squares: tf.squaredDifference(prediction, target) }),
 *   (sums, weights) => Math.sqrt(sums.squares / weights.squares)
 * )
 * Metrics.compute(rootMeanSquare, [rootMeanSquare.measure(tf.tensor1d([1, 2]), tf.tensor1d([4, 5]))]) // => 3
 * ```
 */
export const sums = <const Name extends string, K extends string, A, Y = Tensor, T = Tensor>(
  name: Name,
  compute: (prediction: Y, target: T) => { readonly [k in K]: Values },
  finish: (sums: { readonly [k in K]: number }, weights: { readonly [k in K]: number }) => A
): Metric<Name, Y, T, A> => {
  const measure = (prediction: Y, target: T, sample?: Tensor) => {
    const totals: { [key: string]: Tensor } = {}, weights: { [key: string]: Tensor | number } = {}
    for (const [key, given] of Object.entries<Values>(compute(prediction, target))) {
      const { values, weight } = weigh(`the metric ${name}`, given, sizeOf(prediction, sample), sample)
      const found = weightedSums(values, weight)
      totals[key] = found.total
      weights[key] = found.weight
    }
    return { totals, weights }
  }
  return make({
    name,
    measure,
    finish: ({ totals, weights }) => finish(numbersOf<K>(totals), numbersOf<K>(weights))
  })
}

const numbersOf = <K extends string>(parts: { readonly [key: string]: Parts }) =>
  Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, numberOf(part)])) as { [k in K]: number }

/** The number of examples of a batch. */
const sizeOf = (prediction: unknown, sample: Tensor | undefined): number =>
  (sample ?? Tree.leaves(prediction as Tree.Tree)[0]!).shape[0]!

/**
 * The everyday metric: the mean of what `compute` gives, values of `[batch]` or `[batch, positions…]`, with their
 * weights or without, over all examples. `NaN` where nothing counts. Throws a `RangeError` for a name that is a step's
 * own.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics } from "effect-neuron"
 *
 * const error = Metrics.mean("error", (y: tf.Tensor, t: tf.Tensor) => tf.abs(tf.sub(y, t)))
 * const batches = [error.measure(tf.tensor1d([1, 2]), tf.tensor1d([1, 4])), error.measure(tf.tensor1d([0]), tf.tensor1d([4]))]
 * Metrics.compute(error, batches) // => 2
 * ```
 */
export const mean = <const Name extends string, Y = Tensor, T = Tensor>(
  name: Name,
  compute: (prediction: Y, target: T) => Values
): Metric<Name, Y, T> =>
  sums(
    name,
    (prediction: Y, target: T) => ({ total: compute(prediction, target) }),
    ({ total }, weights) => total / weights.total
  )
