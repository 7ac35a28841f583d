import { Result, Schema } from "effect"
import * as Remote from "effect-neuron/remote"
import { defaults as ofGan, losses } from "../../../src/cli/gan/config.ts"

export const datasets = ["digits", "mnist"] as const
/** What can be trained: a network that tells digits apart, or one that draws them, against a critic. */
export const tasks = ["classifier", "generator"] as const
export const models = ["dense 32-16", "dense 128", "convolutional 8-16", "convolutional 16-32"] as const
export const generators = ["dense", "convolutional"] as const
export const optimizers = ["adam", "adamW", "sgd", "sgd with momentum"] as const
export const schedules = ["constant", "cosine"] as const
/** What computes. A worker has one backend, which its name says: another one takes another worker. */
export const backends = ["wasm", "wasm, 2 threads", "wasm, 4 threads", "webgl", "webgpu"] as const

/** What the numbers of a choice may be: from the first to the second. */
export const limits = {
  examples: [100, 60_000],
  batchSize: [1, 1024],
  epochs: [1, 1000],
  seed: [0, Number.MAX_SAFE_INTEGER]
} as const

const whole = ([minimum, maximum]: readonly [number, number]) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }, { expected: `a whole number from ${minimum} to ${maximum}` }))

const common = {
  dataset: Schema.Literals(datasets),
  /** The number of different training examples. */
  examples: whole(limits.examples),
  learningRate: Schema.Finite.check(Schema.isGreaterThan(0)),
  batchSize: whole(limits.batchSize),
  epochs: whole(limits.epochs),
  seed: whole(limits.seed)
}

const Classifier = Schema.Struct({
  task: Schema.Literal("classifier"),
  ...common,
  model: Schema.Literals(models),
  optimizer: Schema.Literals(optimizers),
  schedule: Schema.Literals(schedules)
})
export type Classifier = typeof Classifier.Type

const Generator = Schema.Struct({
  task: Schema.Literal("generator"),
  ...common,
  model: Schema.Literals(generators),
  loss: Schema.Literals(losses)
})
export type Generator = typeof Generator.Type

/** What the control panel chooses; `dashboard` is what page and worker agree on. */
const Choice = Schema.Union([Classifier, Generator])
export type Choice = typeof Choice.Type

const isChoice = Schema.decodeUnknownResult(Choice)

/** What is wrong with a choice, in a sentence. */
export const problemOf = (choice: unknown): string | undefined => {
  const result = isChoice(choice)
  return Result.isSuccess(result) ? undefined : result.failure.message
}

export const dashboard = Remote.define({
  config: Schema.Struct({
    choice: Choice,
    /** The run, by which its checkpoints are kept in the database of the page. */
    run: Schema.String,
    /** Whether to go on from the checkpoint that is kept, if there is one. */
    resume: Schema.Boolean
  }),
  /** Images, or noise and the labels of what is to be drawn of it. */
  input: Schema.Union([Remote.array, Schema.Struct({ x: Remote.array, y: Remote.array })])
})
/** How many steps see all examples: a last batch that is not full is one of a classifier alone. */
export const stepsPerEpochOf = ({ batchSize, examples, task }: Choice): number =>
  task === "classifier" ? Math.ceil(examples / batchSize) : Math.floor(examples / batchSize)

/** What the networks are asked with. */
export type Input = typeof dashboard.input.Type

/** What a page trains when nobody has asked for anything: small enough for every machine, and offline. */
export const defaults: { readonly classifier: Classifier; readonly generator: Generator } = {
  classifier: {
    task: "classifier",
    dataset: "digits",
    examples: 10_000,
    model: "dense 32-16",
    optimizer: "adam",
    learningRate: 0.001,
    schedule: "constant",
    batchSize: 32,
    epochs: 1000,
    seed: 1
  },
  generator: {
    task: "generator",
    dataset: "digits",
    examples: 10_000,
    model: "dense",
    loss: "non-saturating",
    learningRate: 0.001,
    batchSize: 64,
    epochs: 1000,
    seed: 1
  }
}

/** The number of test examples, on which the loss of validation and the mistakes are. */
export const TEST = 500

/** The classes of both data sets. */
export const classes: ReadonlyArray<string> = Array.from("0123456789")

/** The numbers of noise that a generator draws a digit of. */
export const LATENT = ofGan.latent
