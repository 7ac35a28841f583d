import { dual } from "effect/Function"
import { atLeast0 } from "../core/check.ts"
import { isBelow, mapLeaves } from "../core/structure.ts"
import { isTensor, mapNumbers } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import { applyGradients, applying } from "./transformation.ts"
import type { GradientTransformation, OptState } from "./transformation.ts"

/** What a monitored value was so far, for {@link reduceOnPlateau}: plain numbers, all finite. */
export type Plateau = {
  /** The best value, if there was one. */
  readonly best: number
  /** Whether there was one: 0 or 1. */
  readonly found: number
  /** How many values were no improvement. */
  readonly waited: number
  /** How many values are yet not to count. */
  readonly cooldown: number
}

// The key is what tells the state in a whole training state.
type AdjustableState = {
  readonly adjustableLearningRate: number
  readonly plateau: Plateau
  readonly optimizer: OptState
}

const KEY = "adjustableLearningRate" satisfies keyof AdjustableState

const noPlateau: Plateau = { best: 0, found: 0, waited: 0, cooldown: 0 }

/**
 * An optimizer whose learning rate can be changed while it trains, with {@link setLearningRate}: the rate is a number
 * in its state and not in the program, so that a checkpoint keeps it. (optax has `inject_hyperparams` for this.) `make`
 * is asked for the optimizer of the rate of each step, which has to have the same state at every rate.
 *
 * With a schedule the rate can be a factor: `adjustable((factor) => adam((step) => factor * schedule(step)), 1)`.
 *
 * Throws a `RangeError` for a first rate that is not a finite number of at least 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const optimizer = Optimizers.adjustable(Optimizers.sgd, 0.1)
 * const params = tf.scalar(0), state = optimizer.init(params)
 * const [before] = optimizer.update(tf.scalar(1), state, params)
 * const [after] = optimizer.update(tf.scalar(1), Optimizers.setLearningRate(state, 0.5)!, params)
 * before.arraySync().toFixed(3) // => "-0.100"
 * after.arraySync().toFixed(3) // => "-0.500"
 * ```
 */
export const adjustable = (
  make: (learningRate: number) => GradientTransformation,
  initial: number
): GradientTransformation => {
  atLeast0("adjustable", "initial", initial)
  const run = (one: typeof applyGradients): GradientTransformation["update"] => (updates, state, params) => {
    const { optimizer, ...rest } = state as AdjustableState
    const [out, next] = one(make(rest[KEY]), updates, optimizer, params)
    return [out, { ...rest, optimizer: next } satisfies AdjustableState]
  }
  return applying({
    init: (params): AdjustableState => ({
      [KEY]: initial,
      plateau: noPlateau,
      optimizer: make(initial).init(params)
    }),
    update: run((one, updates, state, params) => one.update(updates, state, params))
  }, run(applyGradients))
}

/** The options of {@link setLearningRate}. */
export interface SetLearningRateOptions {
  /** The path of what it is set in, `critic`; by default everywhere. */
  readonly under?: string
}

/**
 * The state with another learning rate from the next update on, for every {@link adjustable} optimizer in it; with
 * `under`, for those below that path only (`critic`). It is the same tree in all else, down to its tensors: for
 * `trainer.modify`. {@link learningRate} gives the new rate at once. Where there is no such optimizer the answer is
 * `undefined`.
 *
 * Throws a `RangeError` for a rate that is not a finite number of at least 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Optimizers } from "effect-neuron"
 *
 * const state = Optimizers.adjustable(Optimizers.adam, 0.1).init({ w: tf.zeros([2]) })
 * Optimizers.learningRate(Optimizers.setLearningRate(state, 0.5)!) // => 0.5
 * Optimizers.learningRate(Optimizers.setLearningRate(0.5)(state)!) // => 0.5
 * Optimizers.setLearningRate(Optimizers.adam(0.1).init({ w: tf.zeros([2]) }), 0.5) // => undefined
 * ```
 */
export const setLearningRate: {
  (learningRate: number, options?: SetLearningRateOptions): <T extends Tree>(state: T) => T | undefined
  <T extends Tree>(state: T, learningRate: number, options?: SetLearningRateOptions): T | undefined
} = /* @__PURE__ */ dual((args) => typeof args[0] !== "number", <T extends Tree>(
  state: T,
  learningRate: number,
  { under = "" }: SetLearningRateOptions = {}
): T | undefined => {
  atLeast0("setLearningRate", "learningRate", learningRate)
  return changeAdjustable(state, under, (adjustable) => withRate(adjustable, learningRate))
})

/**
 * Another rate for an optimizer, and for what {@link learningRate} finds in its state: the rate of the last update, of
 * which the number may be a factor.
 */
export const withRate = (state: AdjustableState, rate: number): AdjustableState => {
  const before = state[KEY]
  const optimizer = mapNumbers(state.optimizer, (n, path) => {
    if (!/\blearningRate$/.test(path)) return n
    return n === before || before === 0 ? rate : n / before * rate
  })
  return { ...state, [KEY]: rate, optimizer }
}

const isAdjustable = (node: unknown): node is AdjustableState =>
  typeof node === "object" && node !== null && KEY in node

/** The state with other states of the adjustable optimizers below a path; `undefined` where there is none. */
export const changeAdjustable = <T extends Tree>(
  state: T,
  under: string,
  change: (state: AdjustableState) => AdjustableState
): T | undefined => {
  let found = false
  const next = mapLeaves(state, (node) => isAdjustable(node) || isTensor(node), (node: AdjustableState, path) => {
    if (!isAdjustable(node) || !(under === "" || isBelow(path, under))) return node
    found = true
    return change(node)
  })
  return found ? next as T : undefined
}
