import { mul, scalar } from "@tensorflow/tfjs-core"
import { scoped } from "../backend/scope.ts"
import { finite } from "../core/check.ts"
import * as Tree from "../core/Tree.ts"
import type { Schedule } from "./schedules.ts"
import { stateless } from "./transformation.ts"
import type { GradientTransformation } from "./transformation.ts"

const times = <P extends Tree.Tree>(updates: P, k: number): P => {
  const factor = scalar(k)
  return Tree.map(updates, (update) => mul(update, factor))
}

/**
 * Multiplies updates by a constant. Throws a `RangeError` unless it is finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const [updates] = Optimizers.scale(-0.5).update(tf.tensor1d([2, 4]), [], tf.zeros([2]))
 * updates.arraySync() // => [-1, -2]
 * ```
 */
export const scale = (factor: number): GradientTransformation => {
  finite("scale", "factor", factor)
  return stateless((updates) => times(updates, factor))
}

/**
 * Multiplies updates by the value of a schedule, which is asked for the number of updates made so far: for a factor
 * beside the learning rate. The sign is kept; {@link scaleByLearningRate} is the stage that goes downhill.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const growing = Optimizers.scaleBySchedule((step) => step + 1)
 * const [first, state] = growing.update(tf.scalar(3), growing.init(tf.scalar(0)), tf.scalar(0))
 * const [second] = growing.update(tf.scalar(3), state, tf.scalar(0))
 * first.arraySync() // => 3
 * second.arraySync() // => 6
 * ```
 */
export const scaleBySchedule = (schedule: Schedule): GradientTransformation => ({
  init: () => ({ count: 0 }),
  update: (updates, state) => {
    const { count } = state as { readonly count: number }
    return [scoped(() => times(updates, schedule(count))), { count: count + 1 }]
  }
})
