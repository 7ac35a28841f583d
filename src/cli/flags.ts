import { Argument, Flag } from "effect/cli"
import { MOST_THREADS } from "../backend/companion/threadSource.ts"
import { backends, datasets, defaults, models } from "./config.ts"

export const positive = (name: string) =>
  Flag.Int(name).pipe(
    Flag.filter((n) => n >= 1 && Number.isSafeInteger(n), () => "a positive integer")
  )

export const natural = (name: string) =>
  Flag.Int(name).pipe(
    Flag.filter((n) => n >= 0 && Number.isSafeInteger(n), () => "an integer from 0")
  )

export const rate = (name: string) => Flag.Finite(name).pipe(Flag.filter((rate) => rate > 0, () => "a number above 0"))

export const dataset = Flag.Literals("dataset", datasets).pipe(
  Flag.withDescription("The examples. Without it: MNIST where it can be had, else generated digits"),
  Flag.optional
)
export const dataDir = Flag.String("data-dir").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDescription("Where the four MNIST files are (default: MNIST_DIR, else the cache folder)"),
  Flag.optional
)
export const model = Flag.Literals("model", models).pipe(
  Flag.withDescription(`Convolutional networks or multilayer perceptrons (default: ${defaults.model})`),
  Flag.optional
)
export const batchSize = positive("batch-size").pipe(
  Flag.withAlias("b"),
  Flag.withDescription(`Examples in a step (default: ${defaults.batchSize})`),
  Flag.optional
)
export const seed = natural("seed").pipe(
  Flag.withDescription(`The same seed gives the same weights (default: ${defaults.seed})`),
  Flag.optional
)
export const backend = Flag.Literals("backend", backends).pipe(
  Flag.withDescription(`What computes (default: ${defaults.backend}); cpu is plain JavaScript, slow`),
  Flag.optional
)
export const threads = Flag.Int("threads").pipe(
  Flag.filter((n) => n >= 1 && n <= MOST_THREADS, () => `an integer from 1 to ${MOST_THREADS}`),
  Flag.withAlias("t"),
  Flag.withDescription("How many processors compute, with the same results (default: 1)"),
  Flag.withDefault(1)
)
export const out = (name: string) =>
  Flag.String("out").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("DIR"),
    Flag.withDescription(`The new run's folder (default: runs/${name}-<time>)`),
    Flag.optional
  )
export const resume = Flag.String("resume").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDescription(
    "Go on with the run in this folder, to the weights that it would have had without a stop; or, in the folder of --out, " +
      "from this checkpoint of a run"
  ),
  Flag.optional
)
export const checkpointEvery = positive("checkpoint-every").pipe(
  Flag.withMetavar("STEPS"),
  Flag.withDescription("How often the run is saved"),
  Flag.withDefault(200)
)
export const tensorboard = (what: string) =>
  Flag.String("tensorboard").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription(`Write an event file for TensorBoard: every tenth step, weights at checkpoints, ${what}`),
    Flag.optional
  )
export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON lines, for programs"),
  Flag.withDefault(false)
)
export const verbose = Flag.Boolean("verbose").pipe(
  Flag.withDescription("Print errors with their stack traces"),
  Flag.withDefault(false)
)
export const run = Argument.String("run").pipe(
  Argument.withDescription("The folder of a run, or its model.safetensors")
)
