import { zerosLike } from "@tensorflow/tfjs-core"
import { scoped } from "../backend/scope.ts"
import { refuse, share } from "../core/check.ts"
import * as Tree from "../core/Tree.ts"
import { scaleByLearningRate } from "./learningRate.ts"
import type { LearningRate } from "./learningRate.ts"
import { axpy, chain } from "./transformation.ts"
import type { GradientTransformation } from "./transformation.ts"

/** How updates are accumulated. */
export type TraceOptions = {
  /** The share of the velocity that survives a step, from 0 up to but not including 1. */
  readonly momentum: number
  /** Look one step of momentum ahead (default false). */
  readonly nesterov?: boolean
}

/**
 * Accumulates updates with momentum: `velocity ← momentum · velocity + update`, which starts as the first update, and
 * gives the velocity, or `update + momentum · velocity` with Nesterov's look-ahead (Sutskever, Martens, Dahl and
 * Hinton, "On the importance of initialization and momentum in deep learning", 2013, in the form of PyTorch: no
 * dampening, the learning rate outside the velocity).
 *
 * Throws a `RangeError` unless `momentum` is in `[0, 1)`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const heavy = Optimizers.trace({ momentum: 0.5 })
 * const params = tf.scalar(0)
 * const [first, state] = heavy.update(tf.scalar(4), heavy.init(params), params)
 * const [second] = heavy.update(tf.scalar(4), state, params)
 * first.arraySync() // => 4
 * second.arraySync() // => 6
 * ```
 */
export const trace = ({ momentum, nesterov = false }: TraceOptions): GradientTransformation => {
  share("trace", "momentum", momentum)
  return {
    init: (params) => ({ velocity: Tree.map(params, (param) => zerosLike(param)) }),
    update: <P extends Tree.Tree>(updates: P, state: Tree.Tree) =>
      scoped(() => {
        const velocity = axpy(momentum, (state as { readonly velocity: P }).velocity, updates)
        return [nesterov ? axpy(momentum, velocity, updates) : velocity, { velocity }]
      })
  }
}

/**
 * Stochastic gradient descent, with momentum if wanted (default 0): {@link trace}, then {@link scaleByLearningRate}.
 *
 * Throws a `RangeError` for a momentum outside `[0, 1)`, Nesterov without momentum, and a negative learning rate.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.sgd(0.25, { momentum: 0.9 })
 * const params = { w: tf.tensor1d([1, 2]) }
 * const [updates, state] = optimizer.update({ w: tf.tensor1d([4, 8]) }, optimizer.init(params), params)
 * Optimizers.applyUpdates(params, updates).w.arraySync() // => [0, 0]
 * Optimizers.learningRate(state) // => 0.25
 * ```
 */
export const sgd = (
  learningRate: LearningRate,
  { momentum = 0, nesterov = false }: Partial<TraceOptions> = {}
): GradientTransformation => {
  share("sgd", "momentum", momentum)
  if (momentum === 0 && nesterov) refuse("sgd", "momentum", "above 0 with nesterov", momentum)
  const descend = scaleByLearningRate(learningRate)
  return momentum === 0 ? descend : chain(trace({ momentum, nesterov }), descend)
}
