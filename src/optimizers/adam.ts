import { zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { atLeast0, share } from "../core/check.ts"
import * as Tree from "../core/Tree.ts"
import { adamStep } from "../ops/optimizers.ts"
import { toSchedule } from "./learningRate.ts"
import type { LearningRate } from "./learningRate.ts"
import type { Schedule } from "./schedules.ts"
import { applying } from "./transformation.ts"
import type { GradientTransformation } from "./transformation.ts"

/** The settings of Adam. */
export type AdamOptions = {
  /** The share of the mean of gradients that survives a step (default 0.9), in `[0, 1)`. */
  readonly beta1?: number
  /** The share of the mean of squared gradients that survives a step (default 0.999), in `[0, 1)`. */
  readonly beta2?: number
  /** Added to the root, outside of it (default 1e-8). */
  readonly epsilon?: number
}

// `first` and `second` are decayed sums, `first ← beta1 · first + g`, where the paper has decayed means,
// `m ← beta1 · m + (1 - beta1) · g`: the two differ by the factor 1 - beta, which goes into the scalars of the step
// with the bias correction and the learning rate. That spares each tensor two of eleven operations.
type AdamState<P> = {
  readonly count: number
  readonly learningRate?: number
  readonly first: P
  readonly second: P
}

type Leaves = ReadonlyArray<Tensor>

/**
 * Adam's direction times `-schedule(count)` less the decoupled decay; without a schedule the direction alone. One
 * place for the three transformations below, since to chain them from parts costs a pass over memory per part.
 */
const adaptiveMoments = (
  source: string,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  schedule?: Schedule,
  weightDecay = 0
): GradientTransformation => {
  share(source, "beta1", beta1)
  share(source, "beta2", beta2)
  atLeast0(source, "epsilon", epsilon)
  atLeast0(source, "weightDecay", weightDecay)
  const advance =
    (apply: boolean) => <P extends Tree.Tree>(updates: P, state: Tree.Tree, params: P): readonly [P, AdamState<P>] => {
      const old = state as AdamState<P>
      const count = old.count + 1
      const learningRate = schedule?.(old.count)
      const factor = learningRate === undefined ? 1 : -learningRate
      // m / (1 - beta1^t) = first · toMean and v / (1 - beta2^t) = second · toVariance, so that
      // m̂ / (√v̂ + epsilon) = first / (√second + epsilon / √toVariance) · toMean / √toVariance.
      const toMean = (1 - beta1) / (1 - beta1 ** count)
      const toDeviation = Math.sqrt((1 - beta2) / (1 - beta2 ** count))
      const offset = epsilon / toDeviation, size = factor * toMean / toDeviation, shrink = factor * weightDecay
      const trees = [updates, old.first, old.second, params] as const
      const [gradients, firsts, seconds, parameters] = trees.map(Tree.leaves) as [Leaves, Leaves, Leaves, Leaves]
      const scalars = { beta1, beta2, offset, size, shrink }
      const [next, nextFirsts, nextSeconds] = adamStep([gradients, firsts, seconds, parameters], scalars, apply)
      return [Tree.refill(updates, next), {
        count,
        ...(learningRate === undefined ? {} : { learningRate }),
        first: Tree.refill(old.first, nextFirsts),
        second: Tree.refill(old.second, nextSeconds)
      }]
    }
  return applying({
    init: <P extends Tree.Tree>(params: P): AdamState<P> => ({
      count: 0,
      ...(schedule === undefined ? {} : { learningRate: schedule(0) }),
      first: Tree.map(params, (param) => zerosLike(param)),
      second: Tree.map(params, (param) => zerosLike(param))
    }),
    update: advance(false)
  }, advance(true))
}

/**
 * The direction of Adam: the decayed mean of gradients over the root of the decayed mean of their squares, both
 * corrected for their start at zero, `m̂ / (√v̂ + epsilon)` (Kingma and Ba, "Adam: a method for stochastic
 * optimization", 2015). It points uphill and has no learning rate: it is for chains; {@link adam} is the whole
 * optimizer.
 *
 * Throws a `RangeError` unless the betas are in `[0, 1)` and `epsilon` is finite and at least 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.chain(Optimizers.scaleByAdam({ beta1: 0.5 }), Optimizers.scaleByLearningRate(0.1))
 * const params = tf.tensor1d([0, 0])
 * const [updates] = optimizer.update(tf.tensor1d([3, -0.01]), optimizer.init(params), params)
 * updates.arraySync().map((x) => x.toFixed(3)) // => ["-0.100", "0.100"]
 * ```
 */
export const scaleByAdam = (options: AdamOptions = {}): GradientTransformation =>
  adaptiveMoments("scaleByAdam", options)

/**
 * Adam (Kingma and Ba, 2015): {@link scaleByAdam}, then {@link scaleByLearningRate}, in one pass. The defaults are
 * those of the paper and of PyTorch.
 *
 * Throws a `RangeError` unless the betas are in `[0, 1)` and `epsilon` and the learning rate are finite and at
 * least 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.adam(1e-3)
 * const params = { w: tf.tensor1d([0, 0]) }
 * const [updates, state] = optimizer.update({ w: tf.tensor1d([3, -0.01]) }, optimizer.init(params), params)
 * updates.w.arraySync().map((x) => x.toFixed(6)) // => ["-0.001000", "0.001000"]
 * Optimizers.learningRate(state) // => 0.001
 * ```
 */
export const adam = (learningRate: LearningRate, options: AdamOptions = {}): GradientTransformation =>
  adaptiveMoments("adam", options, toSchedule(learningRate))

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019): every step
 * multiplies the parameters by `1 - learningRate · weightDecay` (default 0.01) beside the step of {@link adam}. All
 * parameters decay, biases included.
 *
 * Throws a `RangeError` as {@link adam} does, and for a `weightDecay` that is negative or not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.adamW(0.1, { weightDecay: 0.5 })
 * const params = tf.tensor1d([10, 20])
 * const [updates] = optimizer.update(tf.tensor1d([0, 0]), optimizer.init(params), params)
 * updates.arraySync() // => [-0.5, -1]
 * ```
 */
export const adamW = (
  learningRate: LearningRate,
  { weightDecay = 0.01, ...options }: AdamOptions & { readonly weightDecay?: number } = {}
): GradientTransformation => adaptiveMoments("adamW", options, toSchedule(learningRate), weightDecay)
