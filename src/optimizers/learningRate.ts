import { mul, scalar } from "@tensorflow/tfjs-core"
import { scoped } from "../backend/scope.ts"
import { atLeast0 } from "../core/check.ts"
import * as Tree from "../core/Tree.ts"
import * as Schedules from "./schedules.ts"
import { applying, axpy } from "./transformation.ts"
import type { GradientTransformation, OptState } from "./transformation.ts"

/** A constant learning rate, or a schedule of it. */
export type LearningRate = number | Schedules.Schedule

/** The schedule of a learning rate. */
export const toSchedule = (learningRate: LearningRate): Schedules.Schedule => {
  if (typeof learningRate !== "number") return learningRate
  atLeast0("optimizer", "learningRate", learningRate)
  return Schedules.constant(learningRate)
}

/**
 * The part of a state that belongs to a learning rate: how many updates were made, and the rate of the last one; before
 * the first update, the rate that it will have.
 */
export type RateState = { readonly count: number; readonly learningRate: number }

/**
 * Multiplies updates by `-learningRate`, and so turns a direction of ascent into a step downhill: the last stage of a
 * chain. A schedule is asked for the number of updates made so far.
 *
 * The state is `{ count, learningRate }`, plain numbers; {@link learningRate} finds the rate in it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const descend = Optimizers.scaleByLearningRate((step) => 1 / (step + 1))
 * const params = tf.scalar(0)
 * const [first, state] = descend.update(tf.scalar(8), descend.init(params), params)
 * const [second] = descend.update(tf.scalar(8), state, params)
 * first.arraySync() // => -8
 * second.arraySync() // => -4
 * ```
 */
export const scaleByLearningRate = (learningRate: LearningRate): GradientTransformation => {
  const schedule = toSchedule(learningRate)
  const nextOf = (state: OptState): RateState => {
    const { count } = state as RateState
    return { count: count + 1, learningRate: schedule(count) }
  }
  return applying({
    init: (): RateState => ({ count: 0, learningRate: schedule(0) }),
    update: (updates, state) => {
      const next = nextOf(state)
      return scoped(() => {
        const factor = scalar(-next.learningRate)
        return [Tree.map(updates, (update) => mul(update, factor)), next]
      })
    }
  }, (gradients, state, params) => {
    const next = nextOf(state)
    return [axpy(-next.learningRate, gradients, params), next]
  })
}

/**
 * The learning rate of the last update that a state took part in; before the first one, the rate that it will have.
 * It is looked for in the whole tree, so chains are no obstacle; of several the first counts, and without one the
 * answer is `undefined`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers, Schedules } from "effect-neuron"
 *
 * const schedule = Schedules.cosine({ base: 0.1, steps: 100 })
 * const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(schedule))
 * Optimizers.learningRate(optimizer.init({ w: tf.zeros([2]) })) // => 0.1
 * Optimizers.learningRate(Optimizers.scale(-1).init({ w: tf.zeros([2]) })) // => undefined
 * ```
 */
export const learningRate = (state: OptState): number | undefined => {
  if (typeof state === "number" || Tree.isTensor(state)) return undefined
  if (!Array.isArray(state)) {
    const { count, learningRate } = state as { readonly [key: string]: Tree.Tree }
    if (typeof count === "number" && typeof learningRate === "number") return learningRate
  }
  for (const child of Object.values(state)) {
    const found = learningRate(child)
    if (found !== undefined) return found
  }
  return undefined
}
