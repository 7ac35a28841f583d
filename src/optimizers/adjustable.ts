import * as Tree from "../core/Tree.ts"
import type { GradientTransformation, OptState } from "./transformation.ts"

// The key is what `setLearningRate` looks for in a whole training state.
type AdjustableState = { readonly adjustableLearningRate: number; readonly optimizer: OptState }

const KEY = "adjustableLearningRate" satisfies keyof AdjustableState

/**
 * An optimizer whose learning rate can be changed while it trains, with {@link setLearningRate}: the rate is a number in
 * its state and not in the program, so that a checkpoint keeps it. (optax has `inject_hyperparams` for this.) `make` is
 * asked for the optimizer of the rate of each step, which has to have the same state at every rate.
 *
 * With a schedule the rate can be a factor: `adjustable((factor) => adam((step) => factor * schedule(step)), 1)`.
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
): GradientTransformation => ({
  init: (params): AdjustableState => ({ [KEY]: initial, optimizer: make(initial).init(params) }),
  update: (updates, state, params) => {
    const { optimizer, [KEY]: learningRate } = state as AdjustableState
    const [out, next] = make(learningRate).update(updates, optimizer, params)
    return [out, { [KEY]: learningRate, optimizer: next } satisfies AdjustableState]
  }
})

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
 * Optimizers.setLearningRate(Optimizers.adam(0.1).init({ w: tf.zeros([2]) }), 0.5) // => undefined
 * ```
 */
export const setLearningRate = <T extends Tree.Tree>(state: T, learningRate: number, under = ""): T | undefined => {
  if (!(learningRate >= 0 && learningRate < Infinity)) {
    throw new RangeError(`a learning rate is a finite number of at least 0, got ${learningRate}`)
  }
  const numbers = Tree.numbers(state)
  const places = Object.keys(numbers).filter((path) =>
    (path === KEY || path.endsWith(`.${KEY}`)) && (under === "" || path.startsWith(`${under}.`))
  )
  if (places.length === 0) return undefined
  return Tree.mapNumbers(state, (n, path) => {
    if (places.includes(path)) return learningRate
    // What `learningRate` finds: the rate of the last update, which the number may be a factor of.
    const place = places.find((place) => path.startsWith(`${place.slice(0, -KEY.length)}optimizer.`))
    if (place === undefined || !/\blearningRate$/.test(path)) return n
    const before = numbers[place]!
    return n === before || before === 0 ? learningRate : n / before * learningRate
  })
}
