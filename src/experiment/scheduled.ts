import * as Optimizers from "../optimizers/index.ts"
import { cosine } from "../optimizers/schedules.ts"
import type { Options } from "./config.ts"

/**
 * An optimizer with the learning rate and the schedule of a configuration, for `optimizer` of `Experiment.supervised`; its
 * rate can be changed while it trains.
 *
 * @example
 * ```ts
 * import { Experiment, Optimizers } from "effect-neuron"
 *
 * const optimizer = Experiment.scheduled(Optimizers.sgd, { learningRate: 0.1, schedule: "cosine" }, 100)
 * Optimizers.learningRate(optimizer.init([])) // => 0.1
 * ```
 */
export const scheduled = (
  make: (learningRate: Optimizers.LearningRate) => Optimizers.GradientTransformation,
  { learningRate, schedule }: Pick<Options, "learningRate" | "schedule">,
  steps: number
): Optimizers.GradientTransformation => {
  const factor = schedule === "cosine" && steps > 0 ? cosine({ base: 1, steps }) : undefined
  return Optimizers.adjustable(
    (rate) => make(factor === undefined ? rate : (step) => rate * factor(step)),
    learningRate
  )
}
