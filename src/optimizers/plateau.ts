import { atLeast0, minOrMax, naturalNumber, oneOf, share } from "../core/check.ts"
import type { Tree } from "../core/Tree.ts"
import { changeAdjustable, withRate } from "./adjustable.ts"
import type { Plateau } from "./adjustable.ts"

/** When a value that is monitored stands still, and what becomes of the learning rate then. */
export interface PlateauOptions {
  /** What the rate is multiplied by, from 0 up to but not including 1 (default 0.1). */
  readonly factor?: number
  /** How many values without an improvement are waited for; the one after them counts (default 10). */
  readonly patience?: number
  /** What an improvement is at least (default 1e-4). */
  readonly threshold?: number
  /** Whether the threshold is a share of the best value (the default) or a difference from it. */
  readonly thresholdMode?: "relative" | "absolute"
  /** Whether smaller values are better (the default) or greater ones. */
  readonly mode?: "min" | "max"
  /** How many values after a change do not count (default 0). */
  readonly cooldown?: number
  /** The rate does not fall below it (default 0). */
  readonly minimum?: number
  /** The path that the optimizers are below, by default all of them. */
  readonly under?: string
}

// As there: a change that is no greater is none.
const LEAST = 1e-8

const BY = "reduceOnPlateau"

/** The options with their defaults. Throws a `RangeError` for wrong ones. */
export const plateauOptions = (
  {
    cooldown = 0,
    factor = 0.1,
    minimum = 0,
    mode = "min",
    patience = 10,
    threshold = 1e-4,
    thresholdMode = "relative",
    under = ""
  }: PlateauOptions
): Required<PlateauOptions> => {
  share(BY, "factor", factor)
  naturalNumber(BY, "patience", patience)
  naturalNumber(BY, "cooldown", cooldown)
  atLeast0(BY, "threshold", threshold)
  atLeast0(BY, "minimum", minimum)
  minOrMax(BY, mode)
  oneOf(BY, "thresholdMode", ["relative", "absolute"], thresholdMode)
  return { cooldown, factor, minimum, mode, patience, threshold, thresholdMode, under }
}

/**
 * The state after one more value of what is monitored, a validation loss say: when it has stood still, with a lower
 * learning rate in every {@link adjustable} optimizer, whose state remembers the best value and counts. The rules are
 * those of PyTorch's `ReduceLROnPlateau`, where a rate that would fall by no more than 1e-8 stays; a value that is not
 * finite is no improvement. Where there is no such optimizer the answer is `undefined`. `Train.reduceOnPlateau` is the
 * operator for a trainer's metrics.
 *
 * Throws a `RangeError` for options out of range.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.adjustable(Optimizers.sgd, 1), params = { w: tf.scalar(0) }
 * let state = optimizer.init(params)
 * for (const loss of [3, 2, 2, 2]) state = Optimizers.reduceOnPlateau(state, loss, { factor: 0.5, patience: 1 })!
 * const [updates] = optimizer.update({ w: tf.scalar(1) }, state, params)
 * updates.w.arraySync() // => -0.5
 * ```
 */
export const reduceOnPlateau = <T extends Tree>(
  state: T,
  value: number,
  options: PlateauOptions = {}
): T | undefined => {
  const { cooldown, factor, minimum, mode, patience, threshold, thresholdMode, under } = plateauOptions(options)
  const improves = ({ best, found }: Plateau): boolean => {
    if (!Number.isFinite(value)) return false
    if (found === 0) return true
    // As PyTorch has it, to the bit: a share of the best value, also where that is negative.
    if (mode === "min") return value < (thresholdMode === "relative" ? best * (1 - threshold) : best - threshold)
    return value > (thresholdMode === "relative" ? best * (threshold + 1) : best + threshold)
  }
  return changeAdjustable(state, under, (adjustable) => {
    const { adjustableLearningRate: rate, plateau } = adjustable
    const better = improves(plateau), cooling = plateau.cooldown > 0
    const waited = better || cooling ? 0 : plateau.waited + 1, isLong = waited > patience
    const next = {
      ...adjustable,
      plateau: {
        ...(better ? { best: value, found: 1 } : { best: plateau.best, found: plateau.found }),
        waited: isLong ? 0 : waited,
        cooldown: isLong ? cooldown : plateau.cooldown - (cooling ? 1 : 0)
      }
    }
    const lower = Math.max(rate * factor, minimum)
    return isLong && rate - lower > LEAST ? withRate(next, lower) : next
  })
}
