import { Argument, Flag } from "effect/cli"
import { MOST_THREADS } from "../backend/companion/threadSource.ts"
import { numberFlag } from "./numberFlag.ts"

export const positive = (name: string) => numberFlag(name, { type: "integer", minimum: 1 })

export const natural = (name: string) => numberFlag(name, { type: "integer", minimum: 0 })

/** A flag of a path, which has to be one. */
export const path = (name: string, what: string) =>
  Flag.String(name).pipe(Flag.filter((given) => given !== "", () => what))

export const dataDir = Flag.String("data-dir").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDescription("Where the four MNIST files are (default: MNIST_DIR, else the cache folder)"),
  Flag.optional
)
export const backend = Flag.Literals("backend", ["wasm", "cpu"]).pipe(
  Flag.withDescription("What computes (default: wasm, or what the run was trained on); cpu is plain JavaScript, slow"),
  Flag.optional
)
export const threads = numberFlag("threads", { type: "integer", minimum: 1, maximum: MOST_THREADS }).pipe(
  Flag.withAlias("t"),
  Flag.withDescription("How many processors compute, with the same results (default: 1)"),
  Flag.withDefault(1)
)
export const out = path("out", "a folder").pipe(
  Flag.withAlias("o"),
  Flag.withMetavar("DIR"),
  Flag.withDescription("The new run's folder (default: one in runs, by its experiment and the time)"),
  Flag.optional
)
export const resume = path("resume", "the folder of a run").pipe(
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
export const sampleEvery = positive("sample-every").pipe(
  Flag.withMetavar("STEPS"),
  Flag.withDescription("How often a sample is made, of experiments that draw pictures or go on with texts"),
  Flag.withDefault(200)
)
export const tensorboard = path("tensorboard", "a folder").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDescription(
    "Write an event file for TensorBoard: every tenth step, weights at checkpoints, the test, pictures"
  ),
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
  Argument.withDescription("The folder of a run, or one of its checkpoints")
)
/** Where the file of a run's experiment is by now. */
export const experimentFile = Flag.String("experiment").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription("The file of the run's experiment, where it is no longer where it was"),
  Flag.optional
)
export const experiment = Argument.String("experiment").pipe(
  Argument.withDescription(
    "mnist, digits, generator, gpt, lstm, gru, rnn, or a file that exports an experiment: my-experiment.ts"
  ),
  Argument.optional
)
