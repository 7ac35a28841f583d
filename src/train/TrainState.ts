import { Result } from "effect"
import type { Effect } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { ShapeError, TensorError } from "../core/errors.ts"
import type * as Key from "../core/Key.ts"
import type { ShapeOf, Tree } from "../core/Tree.ts"
import { initialize } from "../layers/initialize.ts"
import type { Layer } from "../layers/Layer.ts"
import type { GradientTransformation, OptState } from "../optimizers/transformation.ts"
import { initialWeights } from "./weights.ts"

/**
 * All that training changes, as one immutable tree: a checkpoint is this tree in a file, and two runs that start from
 * equal states and see equal batches end in equal states.
 */
export type TrainState<P extends Tree, S extends Tree> = {
  /** The number of steps taken. */
  readonly step: number
  readonly params: P
  /** Running state of layers, such as the statistics of batch normalization. */
  readonly state: S
  readonly opt: OptState
  /** The root of all randomness in training; step `n` uses `Key.fold(key, n)`. */
  readonly key: Key.Key
}

/**
 * The state at step 0: parameters from the model's initializers, optimizer state, and the key for training. The caller
 * owns its tensors; `Train.make` takes them over.
 *
 * Fails with a `ShapeError` that names the layer when the model cannot take examples of the shape `input`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Key, Layers, Optimizers, Train } from "effect-neuron"
 *
 * const init = Train.init({ model: Layers.dense(3), optimizer: Optimizers.sgd(0.1), input: [2], key: Key.make(1) })
 * const state = await Effect.runPromise(Effect.provide(init, Backend.layerWasm))
 * state.params.kernel.shape // => [2, 3]
 * ```
 */
export const init = <P extends Tree, S extends Tree, X extends Tree, Y extends Tree>(options: {
  readonly model: Layer<P, S, X, Y>
  readonly optimizer: GradientTransformation
  /** The shape of one example, without the batch dimension. */
  readonly input: ShapeOf<X>
  readonly key: Key.Key
}): Effect.Effect<TrainState<P, S>, ShapeError | TensorError, Backend> => {
  const { input, key, model, optimizer } = options
  const [trainKey, initial] = initialWeights(model, input, key)
  return initialize(() =>
    Result.map(initial(), ({ params, state }): TrainState<P, S> => ({
      step: 0,
      params,
      state,
      opt: optimizer.init(params),
      key: trainKey
    }))
  )
}
