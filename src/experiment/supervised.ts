import { Effect, Schema, Stream } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import { DataError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import type { HostTree } from "../core/NdArray.ts"
import { isKnown, isShape } from "../core/Shape.ts"
import { leaves } from "../core/Tree.ts"
import type { HostOf, ShapeOf, Tree } from "../core/Tree.ts"
import type { Dataset } from "../datasets/Dataset.ts"
import type { DatasetUnavailable } from "../datasets/DatasetUnavailable.ts"
import { supervisedInspections } from "../inspect/supervised.ts"
import type { Layer } from "../layers/Layer.ts"
import { outline } from "../layers/outline.ts"
import { summaryWithOutput } from "../layers/summary.ts"
import type { Loss } from "../losses/Loss.ts"
import * as Optimizers from "../optimizers/index.ts"
import * as Pipeline from "../pipeline/index.ts"
import { countHeldOut } from "../pipeline/split.ts"
import { describeTokenizer } from "../text/inFile.ts"
import * as Train from "../train/index.ts"
import type { AnyMetric } from "../train/supervision.ts"
import { checkShow, tellsClasses } from "./checkShow.ts"
import { encode, options as initialOptions } from "./config.ts"
import type { Codec, Options } from "./config.ts"
import { examine } from "./examine.ts"
import type { Examining } from "./examine.ts"
import type { Example, Experiment, ExperimentTrainer, Opened, Split, State, StepMetrics } from "./Experiment.ts"
import { generating } from "./generating.ts"
import { guessed } from "./guess.ts"
import { referring } from "./reference.ts"
import { callEffect, callPart, checkName, refused, withData } from "./refused.ts"
import { scheduled } from "./scheduled.ts"
import type { Show } from "./show.ts"
import { textsOf } from "./texts.ts"

/** What is known of the data when the model is made. */
export type Data = Pick<Dataset<HostTree, HostTree>, "name" | "shapes" | "classes" | "tokenizer" | "sizes">

/** What a supervised experiment consists of: a configuration, and functions of it. */
export interface SupervisedOptions<
  C extends Options,
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree,
  HX extends HostTree,
  HT extends HostTree,
  R
> {
  /** As it is called on the command line, and what the folders of its runs begin with. */
  readonly name: string
  /** One sentence about it. */
  readonly description?: string
  /** A schema with defaults, with the fields of {@link options} and others of one's own; by default with those alone. */
  readonly config?: Codec<C>
  /** Where examples come from: a data set, or an effect that opens one. */
  readonly data: (config: C) =>
    | Dataset<HX, HT, DataError, R>
    | Effect.Effect<Dataset<HX, HT, DataError, R>, DataError | DatasetUnavailable, R>
  readonly model: (config: C, data: Data) => Layer<P, S, X, Y>
  readonly loss: (config: C, data: Data) => Loss<Y, T>
  readonly metrics?: (config: C, data: Data) => ReadonlyArray<AnyMetric<NoInfer<Y>, NoInfer<T>>>
  /** By default Adam, with the learning rate and the schedule of the configuration. */
  readonly optimizer?: (config: C, run: { readonly steps: number }) => Optimizers.GradientTransformation
  /** How examples and predictions are looked at, by default as their shapes say. */
  readonly show?: (config: C, data: Data) => Show
  /** Which validation is the best one, by default that of the least loss. */
  readonly best?: { readonly monitor: string; readonly mode: "min" | "max" }
}

/** What there is where the data give what the model and the loss take; else a type that says what does not fit. */
type Fitting<Given, Taken, A> = [Given] extends [Taken] ? A
  : { readonly "the data do not fit the model and the loss": { readonly given: Given; readonly taken: Taken } }

const EVALUATION_BATCH = 250, SHUFFLE_BUFFER = 10_000, PREFETCH = 2

// The seed of the split is no seed that a person chooses: runs of other seeds are validated on the same examples.
const SPLIT_SEED = 0

/**
 * Supervised training as an experiment: examples with targets, a model, a loss, metrics. A part of the training
 * examples is held out (`validation`); the model is validated on them at the end of every epoch, and tested on the test
 * examples at the end of the run.
 *
 * Opening it fails with a `ShapeError` when the model cannot take the examples, and with a `DataError` where there are
 * none to train with. What the functions throw, a `RangeError` of a wrong option, is a `DataError` that quotes it.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Backend, Datasets, Experiment, Layers, Losses, NdArray } from "effect-neuron"
 *
 * const xor = Experiment.supervised({
 *   name: "xor",
 *   config: Schema.Struct({
 *     ...Experiment.options({ epochs: 200, batchSize: 4, validation: 0 }),
 *     hidden: Experiment.option(Schema.Int, 8, "Units of the hidden layer")
 *   }),
 *   data: () =>
 *     Datasets.fromArrays({ x: NdArray.make([[0, 0], [0, 1], [1, 0], [1, 1]]), y: NdArray.make([[0], [1], [1], [0]]) }),
 *   model: ({ hidden }) =>
 *     Layers.named({ hidden: Layers.dense(hidden), tanh: Layers.tanh, head: Layers.dense(1) }),
 *   loss: () => Losses.binaryCrossEntropy
 * })
 * const opened = Effect.flatMap(Experiment.parse("xor", xor.config, { hidden: 4 }), (config) => xor.open(config))
 * const { about, steps } = await Effect.runPromise(Effect.provide(opened, Backend.layerWasm))
 * steps // => 200
 * about.networks["model"]!.parameters // => 17
 * ```
 */
export const supervised = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree,
  HX extends HostTree,
  HT extends HostTree,
  R = never,
  C extends Options = Options
>(
  spec: SupervisedOptions<C, P, S, X, Y, T, HX, HT, R>
): Fitting<readonly [x: HX, y: HT], readonly [x: HostOf<X>, y: HostOf<T>], Experiment<C, R>> => {
  const config = spec.config ?? Schema.Struct(initialOptions()) as unknown as Codec<C>
  const { description, name } = spec
  checkName("Experiment.supervised", name, config)
  const experiment: Experiment<C, R> = {
    name,
    ...(description === undefined ? {} : { description }),
    kind: "supervised",
    config,
    grows: "epochs",
    open: (chosen: C) => Effect.catchDefect(open(spec, config, chosen), refused(name))
  }
  return experiment as Fitting<readonly [x: HX, y: HT], readonly [x: HostOf<X>, y: HostOf<T>], Experiment<C, R>>
}

const open = <
  P extends Tree,
  S extends Tree,
  X extends Tree,
  Y extends Tree,
  T extends Tree,
  HX extends HostTree,
  HT extends HostTree,
  R,
  C extends Options
>(
  spec: SupervisedOptions<C, P, S, X, Y, T, HX, HT, R>,
  codec: Codec<C>,
  config: C
) =>
  Effect.gen(function*() {
    const { batchSize, epochs, seed } = config
    const { name } = spec, dataset = withData(name, yield* callEffect(name, "data", () => spec.data(config)))
    const { shapes, sizes } = dataset, data = dataset as unknown as Data
    const splitting = { fraction: config.validation, seed: SPLIT_SEED }
    const held = dataset.validation === undefined && config.validation > 0 ? countHeldOut(sizes.train, splitting) : 0
    const validation = dataset.validation === undefined ? held : sizes.validation ?? 0
    const parts = held === 0
      ? { train: dataset.train, validation: dataset.validation ?? Stream.empty }
      : Pipeline.split(dataset.train, splitting)
    const part = { ...parts, test: dataset.test }
    const counts = { train: sizes.train - held, validation, test: sizes.test }
    if (counts.train === 0) {
      return yield* new DataError({
        source: dataset.name,
        expected: "at least one example to train with",
        actual: `${sizes.train}, of which ${held} are held out`
      })
    }
    const stepsPerEpoch = Math.ceil(counts.train / batchSize), steps = epochs * stepsPerEpoch
    const model = yield* callPart(name, "model", () => spec.model(config, data))
    const loss = yield* callPart(name, "loss", () => spec.loss(config, data))
    const metrics: ReadonlyArray<AnyMetric<Y, T>> = yield* callPart(name, "metrics", () =>
      spec.metrics?.(config, data) ?? [])
    const optimizer = yield* callPart(name, "optimizer", () =>
      spec.optimizer?.(config, { steps }) ?? scheduled(Optimizers.adam, config, steps))
    const supervision = { model, loss, metrics }
    const input = shapes.x as unknown as ShapeOf<X>
    const [summary, prediction] = yield* summaryWithOutput(model, input), networks = { model: summary }
    const told = spec.show && (yield* callPart(name, "show", () =>
      spec.show!(config, data)))
    const show = told === undefined
      ? textsOf(data, prediction) ?? (yield* guessed(dataset))
      : yield* checkShow(name, told, { shapes: data.shapes, prediction })

    const isKnownSize = leaves(shapes.x, { isLeaf: isShape }).every(isKnown)
    // What there is memory for of examples of any size is known from those that are trained with.
    const evaluationBatch = isKnownSize ? EVALUATION_BATCH : Math.min(EVALUATION_BATCH, batchSize)
    const batchesOf = (split: Split) =>
      part[split].pipe(Pipeline.batch(evaluationBatch))
    const classes = show?.target.kind === "class" ? show.target.classes : dataset.classes
    const { mode, monitor } = spec.best ?? { monitor: "loss", mode: "min" as const }
    const names = [
      "loss",
      ...metrics.map(({ name }) =>
        name
      )
    ]
    if (!names.includes(monitor.split(".")[0]!)) {
      throw new RangeError(`best.monitor: one of ${names.join(", ")}, got ${monitor}`)
    }
    const json = encode(codec, config)
    const opened = {
      config: json,
      about: {
        ...{ shapes, classes, sizes: counts, networks },
        models: { model: outline(model) },
        ...(show === undefined ? {} : { show })
      },
      ...{ steps, stepsPerEpoch, batchSize },
      init: Train.init({ model, optimizer, input, key: Key.make(seed) }),
      step: Train.supervised<P, S, X, Y, T, AnyMetric<Y, T>>({ ...supervision, optimizer }),
      batches: (taken: number) =>
        part.train.pipe(
          Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed }),
          Pipeline.batch(batchSize),
          Pipeline.epochs(epochs, { skip: taken, length: stepsPerEpoch }),
          Pipeline.prefetch(PREFETCH)
        ),
      metadata: {
        ...(yield* referring({ experiment: spec.name, config: json })),
        ...Checkpoint.describe(model, { input }),
        ...(dataset.tokenizer === undefined ? {} : describeTokenizer(dataset.tokenizer))
      },
      ...(validation === 0 ? {} : { validation: { monitor: `validation.${monitor}`, mode } }),
      validating: <E2, R2>(self: Stream.Stream<StepMetrics, E2, R2>, trainer: ExperimentTrainer) =>
        validation === 0 ? self : Train.validating(
          self as Stream.Stream<StepMetrics & { readonly validation?: never }, E2, R2>,
          { ...supervision, trainer: trainer as never, batches: batchesOf("validation") as never }
        ),
      evaluate: (split: Split, state: State) =>
        Train.evaluate(batchesOf(split) as never, supervision, state as never),
      examine: (split: Split, state: State) =>
        examine(
          batchesOf(split) as never,
          { model, loss, classes: classes.length } as unknown as Examining,
          state as never
        ),
      examples: (split: Split) => part[split] as Stream.Stream<Example, DataError, R>,
      ...generating({
        ...{ model: model as never, tokenizer: dataset.tokenizer, prediction },
        examples: (validation > 0 ? part.validation : part.train) as Stream.Stream<Example, DataError, R>
      }),
      inspections: supervisedInspections({
        ...supervision,
        confusion: tellsClasses(classes.length, { target: data.shapes.y, prediction }),
        ...(validation === 0 && sizes.test === 0
          ? {}
          : { test: batchesOf(validation > 0 ? "validation" : "test") as never })
      })
    }
    return opened as unknown as Opened<R>
  })
