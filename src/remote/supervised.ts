import type { Tensor } from "@tensorflow/tfjs-core"
import { Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { DataError, DeviceError, NonFiniteError, TensorError } from "../core/errors.ts"
import type * as Tree from "../core/Tree.ts"
import { supervisedInspections } from "../inspect/supervised.ts"
import type { SupervisedMeasured } from "../train/gradients.ts"
import type { Weights } from "../train/predict.ts"
import type { Metrics } from "../train/Step.ts"
import type { AnyMetric, SupervisedBatch, Supervision } from "../train/supervision.ts"
import type { Trainer } from "../train/Trainer.ts"
import type { TrainState } from "../train/TrainState.ts"
import { training } from "./training.ts"
import type { Saving, Training } from "./training.ts"

/**
 * A supervised training for a worker to hold, with all that can be asked about one: predictions, the activations of
 * every layer, gradient norms, and, given `test` data, an evaluation. With `confusion` that has the confusion matrix of
 * a classifier too, as {@link Metrics.confusion} counts. With `checkpoint` it saves itself as it goes, and its last
 * step when it ends or is stopped: `checkpoint: Checkpoint.every(500, { folder, trainer })`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Initializers, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * const model = Layers.dense(1, { kernelInitializer: Initializers.ones }), optimizer = Optimizers.sgd(0.1)
 * const supervision = { model, loss: Losses.meanSquaredError }
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
 *     Train.supervised({ ...supervision, optimizer })
 *   )
 *   const training = Remote.supervised({ ...supervision, trainer, batches: Stream.empty })
 *   return yield* training.predict!(NdArray.make([3], [1, 1]))
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
 * // => { data: Float32Array.of(3), shape: [1, 1] }
 * ```
 */
export const supervised = <
  P extends Tree.Tree,
  S extends Tree.Tree,
  X extends Tree.Tree,
  E,
  R,
  E2,
  R2,
  E3 = never,
  R3 = never,
  E4 = never,
  R4 = never,
  Y extends Tree.Tree = Tensor,
  T extends Tree.Tree = Tensor,
  M extends AnyMetric<Y, T> = never,
  State extends TrainState<P, S> = TrainState<P, S>
>(
  options: Supervision<P, S, X, Y, T, M> & {
    readonly trainer: Trainer<State, SupervisedBatch<Tree.HostOf<X>, Tree.HostOf<T>>, SupervisedMeasured<M>, E, R>
    /** They begin where the trainer's state stands. */
    readonly batches: Stream.Stream<SupervisedBatch<Tree.HostOf<X>, Tree.HostOf<T>>, E2, R2>
    readonly test?: Stream.Stream<SupervisedBatch<Tree.HostOf<X>, Tree.HostOf<T>>, E3, R3>
    readonly confusion?: boolean
    /** What predicts, is observed and evaluated, by default the weights of the state: `Train.averageOf`, say. */
    readonly weights?: (state: NoInfer<State>) => Weights<NoInfer<P>, NoInfer<S>>
    /** What saves it as it goes: `Checkpoint.every(500, { folder, trainer })`, or another operator on its metrics. */
    readonly checkpoint?: (
      metrics: Stream.Stream<Metrics<SupervisedMeasured<M>>>
    ) => Stream.Stream<Metrics<SupervisedMeasured<M>>, E4, R4>
  }
): Training<
  E | E2 | E3 | E4 | NonFiniteError | DeviceError | TensorError | DataError,
  R | R2 | R3 | R4 | Backend,
  Tree.HostOf<X>,
  Tree.HostOf<Y>
> => {
  const { batches, checkpoint, trainer, ...asked } = options
  return training(trainer, batches, {
    ...supervisedInspections<P, S, X, Y, T, M, State, E3, R3>(asked),
    ...(checkpoint === undefined
      ? {}
      : { checkpoint: checkpoint as unknown as Saving<E3 | E4 | DataError | TensorError, R3 | R4 | Backend> })
  }) as Training<
    E | E2 | E3 | E4 | NonFiniteError | DeviceError | TensorError | DataError,
    R | R2 | R3 | R4 | Backend,
    Tree.HostOf<X>,
    Tree.HostOf<Y>
  >
}
