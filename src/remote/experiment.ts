import { Effect, Stream } from "effect"
import type { FileSystem, Layer, Path, Scope } from "effect"
import type { WorkerError } from "effect/workers/WorkerError"
import type { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import type { Backend } from "../backend/Backend.ts"
import * as Checkpoint from "../checkpoint/index.ts"
import { DataError } from "../core/errors.ts"
import type { CheckpointError, TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { HostTree } from "../core/NdArray.ts"
import { ending, judgingOf } from "../experiment/ending.ts"
import type {
  Experiment,
  ExperimentError,
  ExperimentTrainer,
  Opened,
  Split,
  State,
  StepMetrics
} from "../experiment/Experiment.ts"
import { record } from "../experiment/run/record.ts"
import { put } from "../inspect/put.ts"
import * as Train from "../train/index.ts"
import type { Measured } from "../train/Step.ts"
import { definitionOf } from "./definition.ts"
import { layer } from "./server.ts"
import { training } from "./training.ts"
import type { Training, TrainingMetrics } from "./training.ts"
import type { Evaluated, Going } from "./wire.ts"

/** How an experiment is trained in a worker. */
export interface TrainingOptions<E, R> {
  /** The state to begin with, by default the first one: `(init) => Checkpoint.resume(folder, init)`. */
  readonly initial?: (init: Opened["init"]) => Effect.Effect<State, E, R>
  /** What was monitored in the validations up to the step that it goes on from: its patience counts them. */
  readonly earlier?: (step: number) => ReadonlyArray<number>
  /** What else is done with the metrics, behind the validation: `Run.record` and its like. */
  readonly through?: (
    metrics: Stream.Stream<StepMetrics>,
    trainer: ExperimentTrainer
  ) => Stream.Stream<StepMetrics, E, R>
}

/**
 * The training of an opened experiment, for a worker to hold, with all that can be asked about it; it is validated as
 * it goes. Its `about` is what the experiment says of itself, its configuration, its steps and what it can be asked
 * included; its checkpoints name the experiment, so that the command line takes them.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Experiment } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * const { digits } = Experiment
 * const program = Effect.gen(function*() {
 *   const config = yield* Experiment.parse("digits", digits.config, { model: "mlp", examples: 200 })
 *   const training = yield* Remote.trainingOf(yield* digits.open(config))
 *   yield* Stream.runDrain(training.run(Effect.void))
 *   return (yield* training.state).step
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => 3
 * ```
 */
export const trainingOf = <R, E2 = never, R2 = never>(
  opened: Opened<R>,
  { earlier, initial, through }: TrainingOptions<E2, R2> = {}
): Effect.Effect<
  Training<ExperimentError | E2, R | R2 | Backend, HostTree, HostTree>,
  ExperimentError | E2,
  R | R2 | Backend | Scope.Scope
> =>
  Effect.gen(function*() {
    const trainer = yield* Train.make<
      State,
      object,
      Measured,
      TensorError | DataError,
      Backend,
      ExperimentError | E2,
      R2 | Backend
    >(initial === undefined ? opened.init : initial(opened.init), opened.step)
    const { step } = yield* trainer.state
    const { about, config, metadata, steps, stepsPerEpoch } = opened
    const checkpoint = (metrics: Stream.Stream<TrainingMetrics>) => {
      const validated = ending(opened, earlier?.(step))(opened.validating(metrics, trainer))
      return through === undefined ? validated : through(validated as Stream.Stream<StepMetrics>, trainer)
    }
    const { evaluate, examine, examples, generate, picture, sample } = opened
    const asking = training(
      trainer,
      opened.batches(step),
      {
        ...opened.inspections,
        checkpoint
      } as typeof opened.inspections
    )
    const split: Split = opened.validation === undefined ? "test" : "validation"
    const asked = {
      ...asking,
      ...(asking.evaluate === undefined
        ? {}
        : { evaluate: Effect.map(asking.evaluate, (found): Evaluated => ({ ...found, split })) }),
      ...(evaluate === undefined || about.sizes.test === 0
        ? {}
        : { test: trainer.use((state) => Effect.map(evaluate("test", state), testedAt(state.step))) }),
      ...(examine === undefined ? {} : { examine: (split: Split) => examine(split, trainer) }),
      ...(picture === undefined ? {} : {
        picture: trainer.use((state) => Effect.map(picture(state), (picture) => ({ step: state.step, picture })))
      }),
      ...(generate === undefined ? {} : {
        generate: ({ seed = 0, ...options }: Going) => generate(trainer, { ...options, key: Key.make(seed) })
      }),
      ...(sample === undefined ? {} : {
        sample: trainer.use((state) => Effect.map(sample(state), (sample) => ({ step: state.step, ...sample })))
      }),
      examples: (split: Split, places: ReadonlyArray<number>) => at(examples(split), places)
    }
    const answers = questions.filter((name) => asked[name] !== undefined)
    return { ...asked, metadata, about: { ...about, config, steps, stepsPerEpoch, answers } }
  }) as never

/** The figures of test examples as the numbers that they are. */
const testedAt = (step: number) => ({ size, ...figures }: { readonly [name: string]: unknown }): Evaluated => {
  const metrics: { [name: string]: number } = {}
  for (const [name, value] of Object.entries(figures)) put(metrics, name, value)
  return { step, split: "test", size: Number(size), metrics }
}

/** What may be asked about a training, or not, as it is. */
const questions = [
  "predict",
  "activations",
  "gradientNorms",
  "distributions",
  "evaluate",
  "test",
  "examine",
  "picture",
  "attentions",
  "generate",
  "sample"
] as const

/** The elements at places of a stream, in the order of the places. */
const at = <A, E, R>(self: Stream.Stream<A, E, R>, places: ReadonlyArray<number>) =>
  Effect.suspend(() => {
    const wanted = new Set(places), found = new Map<number, A>()
    let i = 0
    return self.pipe(
      Stream.take(Math.max(-1, ...places) + 1),
      Stream.runForEachArray((elements) =>
        Effect.sync(() => {
          for (const element of elements) if (wanted.has(i++)) found.set(i - 1, element)
        })
      ),
      Effect.map(() => places.flatMap((place) => found.has(place) ? [found.get(place)!] : []))
    )
  })

const failed = (error: { readonly message: string }): DataError =>
  new DataError({ source: "experiment", expected: "to be opened", actual: error.message, cause: error })

/**
 * The server of a worker that trains an experiment: {@link layer} for the value that the command line and a page take
 * too. A client connects with the same value, `Remote.connect(experiment)`, and starts it with a configuration, or with
 * the part of one that is not the default. With `folder` the run is recorded there (`Run.record`), and a training that is
 * started again goes on from what is there.
 *
 * @example
 * ```ts
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { Backend, Experiment } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * // The worker's file ends with `main`.
 * const main = () =>
 *   Remote.experiment(Experiment.digits).pipe(
 *     Layer.provide([RemoteNode.layerRunner, Backend.layerWasm]),
 *     Layer.launch,
 *     NodeRuntime.runMain
 *   )
 * ```
 */
export const experiment: {
  <C, R>(
    experiment: Experiment<C, R>
  ): Layer.Layer<never, WorkerError, WorkerRunnerPlatform | Backend | Exclude<R, Scope.Scope>>
  <C, R>(
    experiment: Experiment<C, R>,
    options: { readonly folder: string }
  ): Layer.Layer<
    never,
    WorkerError,
    WorkerRunnerPlatform | Backend | Exclude<R, Scope.Scope> | FileSystem.FileSystem | Path.Path
  >
} = <C, R>(
  experiment: Experiment<C, R>,
  { folder }: { readonly folder?: string } = {}
): Layer.Layer<never, WorkerError, never> =>
  layer(definitionOf(experiment), (config: C) =>
    Effect.gen(function*() {
      const opened = yield* experiment.open(config)
      const { about, config: json, metadata, steps, stepsPerEpoch } = opened
      return yield* trainingOf(
        opened,
        folder === undefined ? {} : {
          initial: (init) =>
            Checkpoint.resume(folder, init as Effect.Effect<State, CheckpointError | TensorError, Backend>),
          through: (metrics, trainer) =>
            record(metrics, folder, {
              ...about,
              ...{ trainer, metadata, steps, stepsPerEpoch, config: json },
              ...{ experiment: experiment.name, kind: experiment.kind },
              ...(opened.validation === undefined ? {} : judgingOf(opened))
            })
        }
      )
    }).pipe(
      Effect.catchTag(["DatasetUnavailable", "RunBusy"], (error) => Effect.fail(failed(error)))
    ) as never) as never
