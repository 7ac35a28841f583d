import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { Metadata } from "../checkpoint/index.ts"
import type { DeviceError, NonFiniteError, TensorError } from "../core/errors.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import type { Examined } from "../experiment/examine.ts"
import type { Example, Split } from "../experiment/Experiment.ts"
import type { WithMergeable } from "../metrics/parts.ts"
import type { Measured } from "../train/Step.ts"
import type { Trainer } from "../train/Trainer.ts"
import { looking } from "./distributions.ts"
import type { Looks } from "./distributions.ts"
import type { Distributions, Evaluated, Evaluation, Going, Gone, GradientNorms, Picture, Sampled } from "./wire.ts"

/**
 * What can be asked about the state of a training, beside what can be asked about every one. The state lives until the
 * answer is there, whatever steps are taken meanwhile.
 */
export interface Inspections<T, B, E, R, X = HostTree, Y = HostTree> {
  /** What the model gives for a batch of inputs. */
  readonly predict?: (state: T, x: X) => Effect.Effect<Y, E | TensorError, R | Backend>
  /** What each layer gives for a batch of inputs, by its path. */
  readonly activations?: (
    state: T,
    x: X
  ) => Effect.Effect<ReadonlyArray<readonly [path: string, y: HostTree]>, E | TensorError, R | Backend>
  /** What each attention of the model weighs its values with for a batch of inputs, by path. */
  readonly attentions?: (
    state: T,
    x: X
  ) => Effect.Effect<{ readonly [path: string]: NdArray }, E | TensorError, R | Backend>
  /** The norm of the gradient of each parameter, by its path, for the last batch that was trained on. */
  readonly gradientNorms?: (
    state: T,
    batch: B
  ) => Effect.Effect<{ readonly [path: string]: number }, E | TensorError, R | Backend>
  /** What distributions are of, beside weights: the gradients of a batch, by path. */
  readonly gradients?: Looks<T, B, E | TensorError, R | Backend>["gradients"]
  /** What distributions are of, too: what each layer gives for a batch, by path. */
  readonly observed?: Looks<T, B, E | TensorError, R | Backend>["observed"]
  readonly evaluate?: (state: T) => Effect.Effect<Evaluation, E, R>
  /**
   * What saves the training as it goes: an operator of `Checkpoint` on its metrics, or several, one behind the other.
   * As in a training of one's own, the last step is saved too when the training ends or is stopped.
   */
  readonly checkpoint?: Saving<E, R>
}

/** What saves a training, of its metrics, which it passes on. */
export type Saving<E, R> = (metrics: Stream.Stream<TrainingMetrics>) => Stream.Stream<TrainingMetrics, E, R>

/** A training as a worker holds it, whatever its state and batches are; its model takes `X` and gives `Y`. */
export interface Training<E, R, X = HostTree, Y = HostTree> {
  /** Takes one step for each batch, each after `admit`. */
  readonly run: (admit: Effect.Effect<void>) => Stream.Stream<TrainingMetrics, E, R>
  /** Borrowed, as a trainer's is. */
  readonly state: Effect.Effect<Tree.Tree & { readonly step: number }>
  /** Runs `f` with the state as it is now, which lives until `f` ends, whatever steps are taken meanwhile. */
  readonly use: <A, E2, R2>(
    f: (state: Tree.Tree & { readonly step: number }) => Effect.Effect<A, E2, R2>
  ) => Effect.Effect<A, E2, R2>
  /** Whether there was anything to change. */
  readonly modify: (next: (state: Tree.Tree) => Tree.Tree | undefined) => Effect.Effect<boolean, E>
  readonly predict?: (x: X) => Effect.Effect<Y, E, R>
  readonly activations?: (x: X) => Effect.Effect<ReadonlyArray<readonly [path: string, y: HostTree]>, E, R>
  readonly attentions?: (x: X) => Effect.Effect<{ readonly [path: string]: NdArray }, E, R>
  /** Without a result before the first step. */
  readonly gradientNorms?: Effect.Effect<GradientNorms | undefined, E, R>
  /** Without a result before the first step. */
  readonly distributions?: Effect.Effect<Distributions | undefined, E, R>
  readonly evaluate?: Effect.Effect<Evaluated, E, R>
  /** The same on test examples, where those are others. */
  readonly test?: Effect.Effect<Evaluated, E, R>
  /** How the model does on a part of the data, example by example, at one step. */
  readonly examine?: (split: Split) => Effect.Effect<Examined, E, R>
  /** The examples at places of a part of the data, from 0; those that are not there are left out. */
  readonly examples?: (split: Split, places: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<Example>, E, R>
  /** A picture of what it makes, bytes `[height, width, channels]`. */
  readonly picture?: Effect.Effect<Picture, E, R>
  /** Goes on with a text, by the state of the beginning. */
  readonly generate?: (options: Going) => Stream.Stream<Gone, E, R>
  /** A text that it goes on with, always the same one. */
  readonly sample?: Effect.Effect<Sampled, E, R>
  /** What it says of itself, as JSON: shapes, networks, how examples are looked at. */
  readonly about?: object
  /** Text that is kept with the checkpoints that a client asks for, by default none. */
  readonly metadata?: Metadata
}

/** The metrics of one step, of any trainer. */
export type TrainingMetrics = WithMergeable & { readonly step: number; readonly [name: string]: unknown }

/**
 * A training for a worker to hold, of any trainer: adversarial ones too. `batches` begin where the trainer's state
 * stands. What a client can ask about it beyond metrics, weights and checkpoints is up to `inspections`; of supervised
 * training {@link supervised} makes them all. A trainer that reads the metrics of several steps together
 * (`readEvery`) takes them without a pause in between.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const trainer = yield* Train.make(
 *     Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
 *     Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 *   )
 *   const training = Remote.training(trainer, Stream.make(batch, batch))
 *   yield* Stream.runDrain(training.run(Effect.void))
 *   return (yield* training.state).step
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => 2
 * ```
 */
export const training = <
  T extends Tree.Tree & { readonly step: number },
  B,
  B2 extends B,
  M extends Measured,
  E,
  R,
  E2,
  R2,
  E3 = never,
  R3 = never,
  X = HostTree,
  Y = never
>(
  trainer: Trainer<T, B, M, E, R>,
  batches: Stream.Stream<B2, E2, R2>,
  inspections: Inspections<T, B2, E3, R3, X, Y> = {}
): Training<E | E2 | E3 | NonFiniteError | DeviceError | TensorError, R | R2 | R3 | Backend, X, Y> => {
  const { activations, attentions, checkpoint = (metrics) => metrics, evaluate, gradientNorms, predict } = inspections
  const look = looking<T, B2, E3 | TensorError, R3 | Backend>(inspections)
  let last: B2 | undefined
  return {
    run: (admit) =>
      checkpoint(
        // An operator keeps the failures and the services of its stream.
        trainer.run(Stream.mapEffect(batches, (batch) =>
          Effect.map(admit, () => {
            last = batch
            return batch
          }))) as Stream.Stream<unknown> as Stream.Stream<TrainingMetrics>
      ) as Stream.Stream<TrainingMetrics, E | E2 | E3 | NonFiniteError | DeviceError, R | R2 | R3>,
    state: trainer.state,
    use: trainer.use,
    modify: (next) =>
      Effect.suspend(() => {
        let changed = false
        return Effect.map(
          trainer.modify((state) => {
            const replaced = next(state) as T | undefined
            changed = replaced !== undefined
            return replaced ?? state
          }),
          () => changed
        )
      }),
    ...(predict === undefined ? {} : { predict: (x: X) => trainer.use((state) => predict(state, x)) }),
    ...(activations === undefined
      ? {}
      : { activations: (x: X) => trainer.use((state) => activations(state, x)) }),
    ...(attentions === undefined ? {} : { attentions: (x: X) => trainer.use((state) => attentions(state, x)) }),
    ...(gradientNorms === undefined ? {} : {
      gradientNorms: trainer.use((state) =>
        last === undefined
          ? Effect.undefined
          : Effect.map(gradientNorms(state, last), (norms) => ({ step: state.step, norms }))
      )
    }),
    distributions: trainer.use((state) => last === undefined ? Effect.undefined : look(state, last)),
    ...(evaluate === undefined ? {} : {
      evaluate: trainer.use((state) => Effect.map(evaluate(state), (found) => ({ ...found, step: state.step })))
    })
  }
}
