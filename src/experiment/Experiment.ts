import type { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import type { Metadata } from "../checkpoint/index.ts"
import type { DataError, DeviceError, NonFiniteError, ShapeError, TensorError } from "../core/errors.ts"
import type { Lent } from "../core/lender.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { ShapeTree } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import type { DatasetUnavailable } from "../datasets/DatasetUnavailable.ts"
import type { Outline } from "../layers/outline.ts"
import type { Summary } from "../layers/summary.ts"
import type { Inspections, TrainingMetrics } from "../remote/training.ts"
import type { Generated } from "../text/generate.ts"
import type { Measured, Step } from "../train/Step.ts"
import type { Trainer } from "../train/Trainer.ts"
import type { Codec } from "./config.ts"
import type { Examined } from "./examine.ts"
import type { GeneratingOptions, Sample } from "./generating.ts"
import type { Show } from "./show.ts"

/** How an experiment can fail. */
export type ExperimentError = DataError | DatasetUnavailable | ShapeError | TensorError | NonFiniteError | DeviceError

/** A training state of any kind. */
export type State = Tree & { readonly step: number }

/** The parts of a data set. */
export type Split = "train" | "validation" | "test"

/** An example of any kind, in host memory. */
export type Example = { readonly x: HostTree; readonly y?: HostTree }

/** What is known of an experiment with its configuration, as plain data that a file and a page can hold. */
export interface About {
  /** The shapes of one example. */
  readonly shapes: { readonly x: ShapeTree; readonly y: ShapeTree }
  /** What class indices mean; empty where there are none. */
  readonly classes: ReadonlyArray<string>
  /** How many examples each part has. */
  readonly sizes: { readonly [S in Split]: number }
  /** How examples are looked at; absent where they are records of arrays and nobody has said it. */
  readonly show?: Show
  /** What is trained, by name. */
  readonly networks: { readonly [name: string]: Summary }
  /** How each of them is put together, for a picture of it: `Layers.outline`. */
  readonly models?: { readonly [name: string]: Outline }
}

/** What of a validation tells which state is the best. */
export interface Validation {
  /** Its path in the metrics: `validation.loss`. */
  readonly monitor: string
  readonly mode: "min" | "max"
}

/** Metrics of a step, some of which hold the figures of a validation. */
export type StepMetrics = TrainingMetrics

/** A trainer of an experiment. */
export type ExperimentTrainer = Trainer<State, object, Measured, TensorError | DataError, Backend>

/**
 * An experiment with its configuration: all that a program needs to train, validate, test, ask and show it, whatever it
 * is.
 */
export interface Opened<R = never> {
  /** The configuration as JSON, completed. */
  readonly config: { readonly [name: string]: unknown }
  readonly about: About
  /** The steps of the whole run, and those of an epoch. */
  readonly steps: number
  readonly stepsPerEpoch: number
  readonly batchSize: number
  readonly init: Effect.Effect<State, ShapeError | TensorError, Backend>
  readonly step: Step<State, object, Measured>
  /** The batches of the run, from the one behind step `taken` on. */
  readonly batches: (taken: number) => Stream.Stream<object, DataError, R>
  /** What a checkpoint says: the experiment, its configuration and its model, so that the file alone can be used. */
  readonly metadata: Metadata
  /** Absent where nothing is validated. */
  readonly validation?: Validation
  /** Validates the state of a trainer at the end of every epoch: the figures stand under `validation` in the metrics. */
  readonly validating: <E2, R2>(
    metrics: Stream.Stream<StepMetrics, E2, R2>,
    trainer: ExperimentTrainer
  ) => Stream.Stream<StepMetrics, E2 | DataError | TensorError, R | R2 | Backend>
  /** The figures of a part of the data, by a state; absent where nothing can be judged. */
  readonly evaluate?: (
    split: Split,
    state: Lent<State>
  ) => Effect.Effect<{ readonly [name: string]: unknown }, DataError | TensorError, R | Backend>
  /** A part of the data example by example: the worst ones, and of a classifier what was taken for what. */
  readonly examine?: (
    split: Split,
    state: Lent<State>
  ) => Effect.Effect<Examined, DataError | TensorError, R | Backend>
  /** A picture of what it makes, bytes `[height, width, channels]`: of a generator a grid of samples. */
  readonly picture?: (state: Lent<State>) => Effect.Effect<NdArray, TensorError, Backend>
  /** Of a language model: goes on with texts, by a state. */
  readonly generate?: (
    state: Lent<State>,
    options: GeneratingOptions
  ) => Stream.Stream<Generated, DataError | TensorError, Backend>
  /** A text that it has gone on with, by a state: what it has learned until now. */
  readonly sample?: (state: Lent<State>) => Effect.Effect<Sample, DataError | TensorError, R | Backend>
  /** The examples of a part, in the order of the data. */
  readonly examples: (split: Split) => Stream.Stream<Example, DataError, R>
  /** What can be asked about its training in a worker. */
  readonly inspections: Inspections<State, object, DataError | TensorError, R | Backend>
}

/**
 * An experiment as a value: a name, a configuration with defaults, and a function of it that opens all the rest. The
 * command line, a page, a worker and a report take any. `supervised`, `adversarial` and `general` make one.
 */
export interface Experiment<C = unknown, R = never> {
  readonly name: string
  /** One sentence. */
  readonly description?: string
  readonly kind: "supervised" | "adversarial" | "other"
  readonly config: Codec<C>
  /** What may grow when a run is gone on with. */
  readonly grows: string
  open(config: C): Effect.Effect<Opened<R>, ExperimentError, R | Backend>
}
