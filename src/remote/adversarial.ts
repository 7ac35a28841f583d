import { Effect } from "effect"
import type { Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { computedByPath } from "../backend/copies.ts"
import { toTensors } from "../backend/host.ts"
import { DataError } from "../core/errors.ts"
import type { DeviceError, NonFiniteError, TensorError } from "../core/errors.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import { activations } from "../layers/observe.ts"
import type { GradientTransformation } from "../optimizers/transformation.ts"
import type { AdversarialState, Adversaries } from "../train/adversarial/AdversarialState.ts"
import type { AdversarialBatch, AdversarialMeasured } from "../train/adversarial/adversarialStep.ts"
import { draw } from "../train/adversarial/sample.ts"
import type { Metrics, Step } from "../train/Step.ts"
import type { Trainer } from "../train/Trainer.ts"
import { afterStep, keeping, measuring, readNorms } from "./gradientNorms.ts"
import { training } from "./training.ts"
import type { Inspections, Saving, Training } from "./training.ts"
import type { Evaluation } from "./wire.ts"

/** What updates the two networks. */
export type AdversarialOptimizers = {
  readonly generator: GradientTransformation
  readonly critic: GradientTransformation
}

type Asked = { readonly x: NdArray; readonly y: NdArray | undefined }

const asked = (conditional: boolean, input: HostTree): Effect.Effect<Asked, DataError> => {
  const { x, y } = input as { readonly [name: string]: HostTree | undefined }
  if (!conditional && isNdArray(input)) return Effect.succeed({ x: input, y: undefined })
  if (conditional && isNdArray(x) && isNdArray(y)) return Effect.succeed({ x, y })
  return Effect.fail(
    new DataError({
      source: "input of a generator",
      expected: conditional ? "{ x, y }: noise, and labels" : "an array of noise",
      actual: isNdArray(input) ? "one array" : `{ ${Object.keys(input).join(", ")} }`
    })
  )
}

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

/** What is asked about an adversarial training. */
export type AskedOfNetworks<PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree, E, R> =
  & Adversaries<PG, SG, PC, SC>
  & {
    readonly step?: (
      optimizers: AdversarialOptimizers
    ) => Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured>
    readonly evaluate?: (state: AdversarialState<PG, SG, PC, SC>) => Effect.Effect<Evaluation, E, R>
  }

/** All that can be asked about an adversarial training. */
export const adversarialInspections = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree, E, R>(
  options: AskedOfNetworks<PG, SG, PC, SC, E, R>
): Inspections<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, E | DataError, R, HostTree, NdArray> => {
  const { conditional = false, evaluate, step } = options
  const generator = options.generator as Layer<PG, SG, Tree>, critic = options.critic as Layer<PC, SC, Tree>
  type State = AdversarialState<PG, SG, PC, SC>

  const observed = (state: State, { x, y }: Asked) =>
    computedByPath("activations", () => {
      const label = y === undefined ? undefined : toTensors(y)
      const given = (x: Tree): Tree => label === undefined ? x : { x, y: label }
      const made = activations(generator, state.generator.params, state.generator.state, given(toTensors(x)))
      const scored = activations(critic, state.critic.params, state.critic.state, given(made.at(-1)![1]))
      const below = (network: string, outputs: typeof made) =>
        outputs.map(([path, y]) => [path === "" ? network : `${network}.${path}`, y] as const)
      return [...below("generator", made), ...below("critic", scored)]
    })

  const measured = step?.({ generator: measuring, critic: measuring })
  const kept = step?.({ generator: keeping, critic: keeping })
  const forgetful = (state: State): State => ({
    ...state,
    generator: { ...state.generator, opt: {} },
    critic: { ...state.critic, opt: {} }
  })
  const optimizersOf = ({ critic, generator }: State) => ({ generator: generator.opt, critic: critic.opt })
  return {
    predict: (state, input) => Effect.flatMap(asked(conditional, input), ({ x, y }) => draw(options, state, x, y)),
    activations: (state, input) => Effect.flatMap(asked(conditional, input), (input) => observed(state, input)),
    ...(measured === undefined ? {} : {
      gradientNorms: (state: State, batch: AdversarialBatch) =>
        afterStep(measured, forgetful(state), batch, (next) => readNorms(() => optimizersOf(next)))
    }),
    ...(kept === undefined ? {} : {
      gradients: (state: State, batch: AdversarialBatch) =>
        afterStep(
          kept,
          forgetful(state),
          batch,
          (next) => computedByPath("gradients", () => [["", optimizersOf(next)]])
        )
    }),
    observed: (state, { noise, real }) =>
      observed(state, { x: noise.at(-1)!, y: conditional ? real.at(-1)!.y : undefined }),
    ...(evaluate === undefined ? {} : { evaluate })
  }
}
