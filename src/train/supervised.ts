import type { Tensor } from "@tensorflow/tfjs-core"
import type { HostOf, Tree } from "../core/Tree.ts"
import type { GradientTransformation } from "../optimizers/transformation.ts"
import { gradients } from "./gradients.ts"
import type { SupervisedMeasured } from "./gradients.ts"
import { step } from "./Step.ts"
import type { Step } from "./Step.ts"
import { describe } from "./supervision.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "./supervision.ts"
import type { TrainState } from "./TrainState.ts"
import { update } from "./update.ts"

/**
 * The training step of supervised learning: predict, compare, differentiate ({@link gradients}), and update
 * ({@link update}).
 *
 * Fails with a `TensorError` that names the step and the shapes of the batch when the batch does not fit the model, or
 * when its class indices or weights are none. Throws a `RangeError` for metrics that have one name, or one of a step's
 * own.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const step = Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 *   const [next] = yield* step(state, batch)
 *   return next.step
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => 1
 * ```
 */
export const supervised = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree = Tensor,
  M extends AnyMetric<Y, T> = never
>(
  options: Supervision<P, S, X, Y, T, M> & { readonly optimizer: GradientTransformation }
): Step<TrainState<P, S>, SupervisedBatch<HostOf<X>, HostOf<T>>, SupervisedMeasured<M>> => {
  const differentiate = gradients(options), advance = update(options.optimizer)
  return step(describe, (current: TrainState<P, S>, batch: SupervisedBatch<HostOf<X>, HostOf<T>>) => {
    const found = differentiate(current, batch)
    return [advance(current, found), found.measured]
  })
}
