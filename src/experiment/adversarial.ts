import { Effect, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import * as Checkpoint from "../checkpoint/index.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import * as NdArray from "../core/NdArray.ts"
import type { Shape } from "../core/Shape.ts"
import type { Tree } from "../core/Tree.ts"
import type { Dataset } from "../datasets/Dataset.ts"
import type { DatasetUnavailable } from "../datasets/DatasetUnavailable.ts"
import { noise } from "../datasets/noise.ts"
import type { Latent } from "../datasets/noise.ts"
import { grid } from "../images/grid.ts"
import { adversarialInspections } from "../inspect/adversarial.ts"
import type { Any } from "../layers/Layer.ts"
import { outline } from "../layers/outline.ts"
import { summary } from "../layers/summary.ts"
import { slicedWassersteinDistance } from "../metrics/slicedWasserstein.ts"
import type { GradientTransformation } from "../optimizers/index.ts"
import * as Pipeline from "../pipeline/index.ts"
import * as Adversarial from "../train/adversarial/index.ts"
import type { Step } from "../train/Step.ts"
import type { AdversarialOptions } from "./adversarialOptions.ts"
import { encode } from "./config.ts"
import type { Codec } from "./config.ts"
import type { Example, Experiment, Split } from "./Experiment.ts"
import { completed } from "./general.ts"
import { callEffect, callPart, checkName, refused, withData } from "./refused.ts"
import type { Data } from "./supervised.ts"

/** The two networks, with what updates them. */
export type Networks<PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree> =
  & Adversarial.Adversaries<PG, SG, PC, SC>
  & { readonly optimizers: { readonly generator: GradientTransformation; readonly critic: GradientTransformation } }

/** What an adversarial experiment consists of: a configuration, and functions of it. */
export interface AdversarialExperimentOptions<
  C extends AdversarialOptions,
  PG extends Tree,
  SG extends Tree,
  PC extends Tree,
  SC extends Tree,
  R
> {
  readonly name: string
  readonly description?: string
  readonly config: Codec<C>
  /** The real examples; their class indices are what conditional networks are told. */
  readonly data: (config: C) =>
    | Dataset<NdArray.NdArray, NdArray.NdArray, DataError, R>
    | Effect.Effect<
      Dataset<NdArray.NdArray, NdArray.NdArray, DataError, R>,
      DataError | DatasetUnavailable,
      R
    >
  /** The noise that an example is made of. */
  readonly latent: (config: C) => Latent
  readonly networks: (config: C, data: Data) => Networks<PG, SG, PC, SC>
  /** What is minimized: `Adversarial.gan`, `Adversarial.wganGp`, or a step of one's own of these networks. */
  readonly step: (
    networks: Networks<PG, SG, PC, SC>,
    config: C
  ) => Step<Adversarial.State<PG, SG, PC, SC>, Adversarial.Batch, Adversarial.Measured>
  /** Updates of the critic for one of the generator, by default 1. */
  readonly criticSteps?: (config: C) => number
  /** What bytes from 0 to 255, and numbers from 0 to 1, are scaled to: what the generator gives. By default [-1, 1]. */
  readonly range?: readonly [low: number, high: number]
}

const SHUFFLE_BUFFER = 10_000, PREFETCH = 2, JUDGED = 500, ROWS = 8, PROJECTIONS = 50

const flat = ({ data, shape: [n = 0] }: NdArray.NdArray): NdArray.NdArray => NdArray.make(data, [n, data.length / n])

/**
 * Adversarial training as an experiment: a generator against a critic, on examples that are told apart from what is
 * generated. It is validated at the end of every epoch by the sliced Wasserstein distance of what is generated from
 * test examples, always of the same noise, which also makes its pictures.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Adversarial, Backend, Datasets, Experiment, Layers, NdArray, Optimizers } from "effect-neuron"
 *
 * const adam = Optimizers.adam(1e-3), numbers = NdArray.make([[0.1], [0.9]])
 * const bits = Experiment.adversarial({
 *   name: "bits",
 *   config: Schema.Struct(Experiment.adversarialOptions({ batchSize: 2 })),
 *   data: () => Datasets.fromArrays({ x: numbers, y: NdArray.make([0, 0]), test: { x: numbers, y: NdArray.make([0, 0]) } }),
 *   latent: () => ({ shape: [2] }),
 *   networks: () => ({
 *     generator: Layers.dense(1),
 *     critic: Layers.dense(1),
 *     optimizers: { generator: adam, critic: adam }
 *   }),
 *   step: Adversarial.gan
 * })
 * const program = Effect.flatMap(Experiment.parse("bits", bits.config, { steps: 7 }), (config) => bits.open(config))
 * const { steps } = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * steps // => 7
 * ```
 */
export const adversarial = <
  PG extends Tree,
  SG extends Tree,
  PC extends Tree,
  SC extends Tree,
  C extends AdversarialOptions,
  R = never
>(
  spec: AdversarialExperimentOptions<C, PG, SG, PC, SC, R>
): Experiment<C, R> => {
  const { config, description, name } = spec
  checkName("Experiment.adversarial", name, config)
  return {
    name,
    ...(description === undefined ? {} : { description }),
    kind: "adversarial",
    config,
    grows: "steps",
    open: (chosen: C) =>
      Effect.catchDefect(
        Effect.flatMap(open(spec, chosen), (parts) =>
          completed<Adversarial.State<PG, SG, PC, SC>, Adversarial.Batch, Adversarial.Measured, R>(
            name,
            parts,
            encode(config, chosen)
          )),
        refused(name)
      )
  }
}

const open = <
  PG extends Tree,
  SG extends Tree,
  PC extends Tree,
  SC extends Tree,
  C extends AdversarialOptions,
  R
>(spec: AdversarialExperimentOptions<C, PG, SG, PC, SC, R>, config: C) =>
  Effect.gen(function*() {
    type State = Adversarial.State<PG, SG, PC, SC>
    const { batchSize, seed, steps } = config
    const { name } = spec, dataset = withData(name, yield* callEffect(name, "data", () => spec.data(config)))
    const { classes, shapes, sizes } = dataset, range = spec.range ?? [-1, 1]
    const latent = yield* callPart(name, "latent", () => spec.latent(config))
    const criticSteps = yield* callPart(name, "criticSteps", () => spec.criticSteps?.(config) ?? 1)
    const networks = yield* callPart(name, "networks", () => spec.networks(config, dataset)),
      { conditional = false, critic, generator } = networks
    const step = yield* callPart(name, "step", () => spec.step(networks, config))

    // Bytes are from 0 to 255, other numbers from 0 to 1.
    const first = yield* Stream.runHead(dataset.train)
    const areBytes = first._tag === "Some" && first.value.x.data instanceof Uint8Array
    const scaled = Pipeline.normalize({ from: areBytes ? [0, 255] : [0, 1], to: range })
    const batchesPerEpoch = Math.floor(sizes.train / batchSize)
    if (batchesPerEpoch === 0) {
      throw new RangeError(`batchSize: at most the ${sizes.train} examples that there are, got ${batchSize}`)
    }
    const inputOf = (x: Shape) => conditional ? { x, y: shapes.y } : x
    const made = {
      generator: yield* summary(generator as Any, inputOf(latent.shape)),
      critic: yield* summary(critic as Any, inputOf(shapes.x))
    }

    const key = Key.fold(Key.make(seed), 0xffff_ffff)
    const columns = conditional && classes.length > 0 ? classes.length : ROWS
    const labels = (n: number) => NdArray.make(Int32Array.from({ length: n }, (_, i) => i % classes.length), [n])
    const asked = (count: number, y?: NdArray.NdArray) => ({
      ...{ count, latent, key },
      ...(conditional ? { y: y ?? labels(count) } : {})
    })
    const isImage = shapes.x.length === 3
    const real = (split: Split) =>
      dataset[split === "train" ? "train" : "test"].pipe(Stream.take(JUDGED), Pipeline.batch(JUDGED), scaled)
    const evaluate = (split: Split, state: State) =>
      Effect.flatMap(Stream.runHead(real(split)), (found): Effect.Effect<Figures, TensorError, Backend> =>
        found._tag === "None"
          ? Effect.succeed({ size: 0 })
          : Effect.map(Adversarial.generate(networks, state, asked(found.value.size, found.value.y)), (images) => ({
            size: found.value.size,
            slicedWasserstein: slicedWassersteinDistance(flat(images), flat(found.value.x), {
              ...{ key, projections: PROJECTIONS }
            })
          })))
    return {
      ...{ steps, batchSize: batchSize * criticSteps, networks: made },
      stepsPerEpoch: Math.max(1, Math.floor(batchesPerEpoch / criticSteps)),
      about: {
        shapes,
        classes,
        // It is judged by test examples as it goes, so that none are left for a test.
        sizes: { train: sizes.train, validation: sizes.test, test: 0 },
        models: { generator: outline(generator as Any), critic: outline(critic as Any) },
        ...(isImage
          ? { show: { input: { kind: "image" as const, range }, target: { kind: "class" as const, classes } } }
          : {})
      },
      metadata: {
        ...Checkpoint.describe(generator as Any, { input: inputOf(latent.shape), at: "generator" }),
        ...Checkpoint.describe(critic as Any, { input: inputOf(shapes.x), at: "critic" })
      },
      init: Adversarial.init({ ...networks, latent, input: shapes.x, label: shapes.y, key: Key.make(seed) }),
      step,
      batches: (taken: number) =>
        dataset.train.pipe(
          Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed }),
          Pipeline.batch(batchSize, { dropRemainder: true }),
          scaled,
          Pipeline.epochs(Infinity, { skip: taken * criticSteps, length: batchesPerEpoch }),
          Pipeline.withNoise(noise({ ...latent, seed, from: taken * (criticSteps + 1) * batchSize }), { criticSteps }),
          Stream.take(Math.max(0, steps - taken)),
          Pipeline.prefetch(PREFETCH)
        ),
      ...(sizes.test === 0
        ? {}
        : { evaluate, validation: { monitor: "validation.slicedWasserstein", mode: "min" as const } }),
      ...(isImage ?
        {
          picture: (state: State) =>
            Effect.map(
              Adversarial.generate(networks, state, asked(ROWS * columns)),
              (images) =>
                grid(images, { columns, range })
            )
        } :
        {}),
      examples: (split: Split) =>
        (split === "train" ? dataset.train : dataset.test) as Stream.Stream<Example, DataError, R>,
      inspections: adversarialInspections({
        ...networks,
        step: (optimizers) =>
          spec.step({ ...networks, optimizers }, config),
        ...(sizes.test === 0 ? {} : {
          evaluate: (state: State) => Effect.map(evaluate("test", state), ({ size, ...metrics }) => ({ size, metrics }))
        })
      })
    }
  })

type Figures = { readonly size: number; readonly [name: string]: number }
