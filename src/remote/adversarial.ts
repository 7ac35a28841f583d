import { Effect } from "effect"
import type { Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { DataError } from "../core/errors.ts"
import type { DeviceError, NonFiniteError, TensorError } from "../core/errors.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { Tree } from "../core/Tree.ts"
import type { AdversarialState, Adversaries } from "../train/adversarial/AdversarialState.ts"
import type { AdversarialBatch, AdversarialMeasured } from "../train/adversarial/adversarialStep.ts"
import type { Metrics, Step } from "../train/Step.ts"
import type { Trainer } from "../train/Trainer.ts"
import { training } from "./training.ts"
import type { Saving, Training } from "./training.ts"
import type { Evaluation } from "./wire.ts"

import { adversarialInspections } from "../inspect/adversarial.ts"
import type { AdversarialOptimizers, AskedOfNetworks } from "../inspect/adversarial.ts"

export type { AdversarialOptimizers }

/**
 * An adversarial training for a worker to hold, with what can be asked about one. `predict` gives what the generator
 * makes of noise (`{ x, y }`, noise and labels, for conditional networks), by the moving average of its parameters;
 * `activations` those of both networks as they are trained, the critic looking at what the generator has made, by paths
 * that begin with `generator` and `critic`. Given `step`, which makes the training step with optimizers of its choice,
 * there are gradient norms of both networks too. What a good generator is depends on the data: `evaluate` says how one
 * is judged.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Adversarial, Backend, Datasets, Initializers, Key, Layers, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * const networks = { generator: Layers.dense(1, { kernelInitializer: Initializers.ones }), critic: Layers.dense(1) }
 * const optimizers = { generator: Optimizers.adam(1e-3), critic: Optimizers.adam(1e-3) }
 * const step = (optimizers: Remote.AdversarialOptimizers) => Adversarial.gan({ ...networks, optimizers })
 * const threes = Stream.make({ x: NdArray.make([3], [1]) }).pipe(Stream.forever, Pipeline.batch(16))
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Adversarial.init({ ...networks, optimizers, latent: { shape: [2] }, input: [1], key: Key.make(1) }),
 *     step(optimizers)
 *   )
 *   const batches = threes.pipe(Pipeline.withNoise(Datasets.noise({ shape: [2], seed: 2 })))
 *   const training = Remote.adversarial({ ...networks, trainer, batches, step })
 *   return yield* training.predict!(NdArray.make([1, 2], [1, 2]))
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
 * // => { data: Float32Array.of(3), shape: [1, 1] }
 * ```
 */
export const adversarial = <
  PG extends Tree,
  SG extends Tree,
  PC extends Tree,
  SC extends Tree,
  E,
  R,
  E2,
  R2,
  E3 = never,
  R3 = never,
  E4 = never,
  R4 = never
>(
  options: Adversaries<PG, SG, PC, SC> & {
    readonly trainer: Trainer<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured, E, R>
    /** They begin where the trainer's state stands. */
    readonly batches: Stream.Stream<AdversarialBatch, E2, R2>
    readonly step?: (
      optimizers: AdversarialOptimizers
    ) => Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured>
    readonly evaluate?: (state: AdversarialState<PG, SG, PC, SC>) => Effect.Effect<Evaluation, E3, R3>
    /** What saves it as it goes: `Checkpoint.every(500, { folder, trainer })`, or another operator on its metrics. */
    readonly checkpoint?: (
      metrics: Stream.Stream<Metrics<AdversarialMeasured>>
    ) => Stream.Stream<Metrics<AdversarialMeasured>, E4, R4>
  }
): Training<
  E | E2 | E3 | E4 | NonFiniteError | DeviceError | TensorError | DataError,
  R | R2 | R3 | R4 | Backend,
  HostTree,
  NdArray
> => {
  const { batches, checkpoint, trainer, ...asked } = options
  return training(trainer, batches, {
    ...adversarialInspections<PG, SG, PC, SC, E3, R3>(asked as unknown as AskedOfNetworks<PG, SG, PC, SC, E3, R3>),
    ...(checkpoint === undefined ? {} : { checkpoint: checkpoint as unknown as Saving<E3 | E4 | DataError, R3 | R4> })
  })
}
