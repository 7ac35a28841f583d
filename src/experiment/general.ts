import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { Metadata } from "../checkpoint/index.ts"
import type { DataError, ShapeError, TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Summary } from "../layers/summary.ts"
import type { Inspections } from "../remote/training.ts"
import type { Measured, Step } from "../train/Step.ts"
import { checkShow } from "./checkShow.ts"
import { encode } from "./config.ts"
import type { Codec } from "./config.ts"
import type { Examined } from "./examine.ts"
import type {
  About,
  Example,
  Experiment,
  ExperimentError,
  ExperimentTrainer,
  Opened,
  Split,
  State,
  StepMetrics,
  Validation
} from "./Experiment.ts"
import { referring } from "./reference.ts"
import { callEffect, checkName, refused } from "./refused.ts"

/** What an experiment with a step of one's own consists of, with its configuration. What is optional may be absent. */
export interface GeneralParts<T extends State, B extends object, M extends Measured, R> {
  /** The steps of the whole run. */
  readonly steps: number
  readonly init: Effect.Effect<T, ShapeError | TensorError, Backend>
  readonly step: Step<T, B, M>
  /** The batches of the run, from the one behind step `taken` on. */
  readonly batches: (taken: number) => Stream.Stream<B, DataError, R>
  /** The steps of an epoch, by default all of them. */
  readonly stepsPerEpoch?: number
  /** The examples of a step, for the rate of examples; by default 1. */
  readonly batchSize?: number
  /** What is trained, by name, as `Layers.summary` says it. */
  readonly networks?: { readonly [name: string]: Summary }
  /** What a checkpoint says of its models: `Checkpoint.describe`. */
  readonly metadata?: Metadata
  readonly about?: Partial<Omit<About, "networks">>
  /** The figures of a part of the data, by a state. */
  readonly evaluate?: (
    split: Split,
    state: T
  ) => Effect.Effect<{ readonly [name: string]: unknown }, DataError | TensorError, R | Backend>
  /** A part of the data example by example, by a state: the losses, the worst examples, of a classifier what it takes for what. */
  readonly examine?: (split: Split, state: T) => Effect.Effect<Examined, DataError | TensorError, R | Backend>
  /** What of the figures of `"validation"` tells the best state; with it they are made at the end of every epoch. */
  readonly validation?: Validation
  /** A picture of what it makes, bytes `[height, width, channels]`: of a generator a grid of samples. */
  readonly picture?: (state: T) => Effect.Effect<NdArray, TensorError, Backend>
  readonly examples?: (split: Split) => Stream.Stream<Example, DataError, R>
  /** What can be asked about it in a worker. */
  readonly inspections?: Inspections<T, B, DataError | TensorError, R | Backend>
}

/** A name, a configuration, and the parts that it gives. */
export interface GeneralOptions<C, T extends State, B extends object, M extends Measured, R> {
  readonly name: string
  readonly description?: string
  readonly config: Codec<C>
  /** What may grow when a run is gone on with, by default `"steps"`. */
  readonly grows?: keyof C & string
  readonly open: (config: C) => Effect.Effect<GeneralParts<T, B, M, R>, ExperimentError, R | Backend>
}

const nothing = { x: [], y: [] } as const

/**
 * An experiment with a step of one's own: reinforcement learning, two networks, a state that is no `TrainState`. The
 * command line, a page and a worker take it as any other; what is not given, an evaluation say, they go without.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect, Schema, Stream } from "effect"
 * import { Backend, Experiment, Train } from "effect-neuron"
 *
 * type State = { readonly step: number; readonly x: tf.Tensor }
 * const descent = Experiment.general({
 *   name: "descent",
 *   config: Schema.Struct({ steps: Experiment.option(Experiment.positiveInt, 100, "Steps downhill") }),
 *   open: ({ steps }) =>
 *     Effect.succeed({
 *       steps,
 *       init: Effect.sync((): State => ({ step: 0, x: tf.scalar(1) })),
 *       step: Train.step(
 *         ({ step }: State) => `step ${step + 1}`,
 *         ({ step, x }: State, _: object) => [{ step: step + 1, x: tf.mul(x, 0.9) }, { loss: tf.square(x) }]
 *       ),
 *       batches: (taken) => Stream.range(taken + 1, steps).pipe(Stream.map((n) => ({ n })))
 *     })
 * })
 * const program = Effect.gen(function*() {
 *   const opened = yield* descent.open({ steps: 20 })
 *   const trainer = yield* Train.make(opened.init, opened.step)
 *   yield* opened.batches(0).pipe(trainer.run, Stream.runDrain)
 *   return (yield* trainer.state).step
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm))) // => 20
 * ```
 */
export const general = <C, T extends State, B extends object, M extends Measured, R = never>(
  { config, description, grows, name, open }: GeneralOptions<C, T, B, M, R>
): Experiment<C, R> => {
  checkName("Experiment.general", name, config)
  return {
    name,
    ...(description === undefined ? {} : { description }),
    kind: "other",
    config,
    grows: grows ?? "steps",
    open: (chosen: C) =>
      Effect.catchDefect(
        callEffect(name, "open", () => open(chosen)).pipe(
          Effect.tap(({ about }) =>
            about?.show === undefined || about.shapes === undefined
              ? Effect.void
              : checkShow(name, about.show, { shapes: about.shapes })
          ),
          Effect.flatMap((parts) => completed(name, parts, encode(config, chosen)))
        ),
        refused(name)
      )
  }
}

/** The parts of an experiment with what stands for those that are not given. */
export const completed = <T extends State, B extends object, M extends Measured, R>(
  experiment: string,
  parts: GeneralParts<T, B, M, R>,
  config: Opened["config"]
): Effect.Effect<Opened<R>, never, Backend> =>
  Effect.map(referring({ experiment, config }), (reference) => withReference(parts, config, reference))

const withReference = <T extends State, B extends object, M extends Measured, R>(
  parts: GeneralParts<T, B, M, R>,
  config: Opened["config"],
  reference: Metadata
): Opened<R> => {
  const { about, batchSize = 1, evaluate, examine, metadata = {}, networks = {}, picture, steps, validation } = parts
  const { inspections = {}, stepsPerEpoch = steps } = parts
  const figures = evaluate &&
    ((split: Split, state: Lent<T>) => using(state, (state) => evaluate(split, state)))
  // A step of one's own need not know of epochs.
  const isEndOfEpoch = ({ step, ...metrics }: StepMetrics): boolean =>
    typeof metrics["endOfEpoch"] === "boolean"
      ? metrics["endOfEpoch"]
      : step % stepsPerEpoch === 0 || step === steps
  const validated = (trainer: ExperimentTrainer) => (metrics: StepMetrics) =>
    figures === undefined || !isEndOfEpoch(metrics)
      ? Effect.succeed(metrics)
      : Effect.map(
        figures("validation", trainer as unknown as Lent<T>),
        (validation) => ({ ...metrics, validation })
      )
  return {
    config,
    about: { shapes: nothing, classes: [], sizes: { train: 0, validation: 0, test: 0 }, ...about, networks },
    ...{ steps, stepsPerEpoch, batchSize, metadata: { ...reference, ...metadata } },
    ...(validation === undefined ? {} : { validation }),
    ...(picture === undefined ? {} : { picture: (state: Lent<T>) => using(state, picture) }),
    ...(figures === undefined ? {} : { evaluate: figures }),
    ...(examine === undefined
      ? {}
      : { examine: (split: Split, state: Lent<T>) => using(state, (state) => examine(split, state)) }),
    init: parts.init,
    step: parts.step,
    batches: parts.batches,
    examples: parts.examples ?? (() => Stream.empty),
    validating: (metrics: Stream.Stream<StepMetrics>, trainer: ExperimentTrainer) =>
      validation === undefined ? metrics : Stream.mapEffect(metrics, validated(trainer)),
    inspections
  } as unknown as Opened<R>
}
