import { add, div, maximum, mul, scalar, sqrt, square, sub, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { scoped } from "../backend/scope.ts"
import { atLeast0, share } from "../core/check.ts"
import * as Tree from "../core/Tree.ts"
import { adamStep } from "../ops/optimizers.ts"
import { scaleByLearningRate, toSchedule } from "./learningRate.ts"
import type { LearningRate } from "./learningRate.ts"
import type { Schedule } from "./schedules.ts"
import { trace } from "./sgd.ts"
import { applying, applyUpdates, axpy, chain } from "./transformation.ts"
import type { GradientTransformation } from "./transformation.ts"

/** How gradients are divided by their root mean square. */
export type RmsOptions = {
  /** The share of the mean of squared gradients that survives a step (default 0.99), in `[0, 1)`; PyTorch's `alpha`. */
  readonly decay?: number
  /** Added to the root, outside of it (default 1e-8). */
  readonly epsilon?: number
  /** Divide by the standard deviation: take the square of the decayed mean from the mean of squares (default false). */
  readonly centered?: boolean
}

/** The settings of RMSProp. */
export type RmsPropOptions = RmsOptions & {
  /** The share of the velocity that survives a step, in `[0, 1)` (default 0: no momentum). */
  readonly momentum?: number
}

// Decayed sums of gradients and of their squares, as Adam keeps them; the means are 1 - decay times as much.
type RmsState<P> = {
  readonly count?: number
  readonly learningRate?: number
  readonly first?: P
  readonly second: P
}

/**
 * The direction times `-schedule(count)`, in one pass unless it is centered; without a schedule the direction alone.
 */
const normalized = (
  source: string,
  { centered = false, decay = 0.99, epsilon = 1e-8 }: RmsOptions,
  schedule?: Schedule
): GradientTransformation => {
  share(source, "decay", decay)
  atLeast0(source, "epsilon", epsilon)
  const toMean = 1 - decay, toRoot = Math.sqrt(toMean)

  const onePass = <P extends Tree.Tree>(updates: P, second: P, params: P, factor: number, apply: boolean) => {
    const gradients = Tree.leaves(updates)
    // Adam without a mean of gradients: its first moment is the gradient.
    const [next, , seconds] = adamStep([gradients, gradients, Tree.leaves(second), Tree.leaves(params)], {
      ...{ beta1: 0, beta2: decay, shrink: 0 },
      ...{ offset: epsilon / toRoot, size: factor / toRoot }
    }, apply)
    return [Tree.refill(updates, next), { second: Tree.refill(second, seconds) }] as const
  }
  const aroundMean = <P extends Tree.Tree>(updates: P, old: RmsState<P>, factor: number) => {
    const first = axpy(decay, old.first!, updates)
    const second = axpy(decay, old.second, Tree.map(updates, (gradient) => square(gradient)))
    const zero = scalar(0)
    const variances = Tree.zipWith(second, first, (second, first) =>
      // Rounding may leave less than nothing of a gradient that is always the same.
      scoped(() => maximum(sub(mul(second, toMean), square(mul(first, toMean))), zero)))
    const direction = (gradient: Tensor, variance: Tensor) =>
      scoped(() => mul(div(gradient, add(sqrt(variance), epsilon)), factor))
    return [Tree.zipWith(updates, variances, direction), { first, second }] as const
  }

  const advance =
    (apply: boolean) => <P extends Tree.Tree>(updates: P, state: Tree.Tree, params: P): readonly [P, RmsState<P>] =>
      scoped(() => {
        const old = state as RmsState<P>, count = old.count ?? 0
        const learningRate = schedule?.(count)
        const factor = learningRate === undefined ? 1 : -learningRate
        const rate = learningRate === undefined ? {} : { count: count + 1, learningRate }
        if (!centered) {
          const [next, moments] = onePass(updates, old.second, params, factor, apply)
          return [next, { ...rate, ...moments }]
        }
        const [next, moments] = aroundMean(updates, old, factor)
        return [apply ? applyUpdates(params, next) : next, { ...rate, ...moments }]
      })
  const zeros = <P extends Tree.Tree>(params: P): P => Tree.map(params, (param) => zerosLike(param))
  return applying({
    init: <P extends Tree.Tree>(params: P): RmsState<P> => ({
      ...(schedule === undefined ? {} : { count: 0, learningRate: schedule(0) }),
      ...(centered ? { first: zeros(params) } : {}),
      second: zeros(params)
    }),
    update: advance(false)
  }, advance(true))
}

/**
 * Gradients over the root of the decayed mean of their squares, `g / (√v + epsilon)` with `v ← decay · v + (1 - decay)
 * · g²` from 0. It points uphill and has no learning rate: it is for chains; {@link rmsProp} is the whole optimizer.
 *
 * Throws a `RangeError` unless `decay` is in `[0, 1)` and `epsilon` is at least 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.chain(Optimizers.scaleByRms({ decay: 0.75 }), Optimizers.scaleByLearningRate(0.1))
 * const params = tf.tensor1d([0, 0])
 * const [updates] = optimizer.update(tf.tensor1d([3, -0.01]), optimizer.init(params), params)
 * updates.arraySync().map((x) => x.toFixed(3)) // => ["-0.200", "0.200"]
 * ```
 */
export const scaleByRms = (options: RmsOptions = {}): GradientTransformation => normalized("scaleByRms", options)

/**
 * RMSProp (Tieleman and Hinton, "Lecture 6.5: rmsprop", COURSERA: Neural networks for machine learning, 2012): {@link
 * scaleByRms}, with {@link trace} behind it if there is momentum, then {@link scaleByLearningRate}. The form and the
 * defaults are those of PyTorch, `epsilon` outside of the root and no correction of the start at zero: the first steps
 * are up to `1 / √(1 - decay)` times the learning rate, 10 times as it is.
 *
 * Throws a `RangeError` unless `decay` and `momentum` are in `[0, 1)` and `epsilon` and the learning rate are at least
 * 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.rmsProp(1e-3)
 * const params = { w: tf.tensor1d([0, 0]) }
 * const [updates, state] = optimizer.update({ w: tf.tensor1d([3, -0.01]) }, optimizer.init(params), params)
 * updates.w.arraySync().map((x) => x.toFixed(5)) // => ["-0.01000", "0.01000"]
 * Optimizers.learningRate(state) // => 0.001
 * ```
 */
export const rmsProp = (
  learningRate: LearningRate,
  { momentum = 0, ...options }: RmsPropOptions = {}
): GradientTransformation => {
  share("rmsProp", "momentum", momentum)
  return momentum === 0
    ? normalized("rmsProp", options, toSchedule(learningRate))
    : chain(normalized("rmsProp", options), trace({ momentum }), scaleByLearningRate(learningRate))
}
