import { Cause, Console, Effect } from "effect"
import { Argument, CliError, CliOutput, Command, Flag } from "effect/cli"
import { version } from "../core/version.ts"
import { Arguments, called } from "./called.ts"
import { defaults } from "./config.ts"
import { evaluate } from "./evaluate.ts"
import * as flags from "./flags.ts"
import { ganCommand } from "./gan/command.ts"
import { predict } from "./predict.ts"
import { report } from "./report/report.ts"
import { render } from "./runFolder.ts"
import { train } from "./train.ts"

const { backend, checkpointEvery, dataDir, dataset, json, run, threads, verbose } = flags

const trainCommand = Command.make(
  "train",
  {
    config: {
      dataset,
      model: flags.model,
      epochs: flags.positive("epochs").pipe(
        Flag.withAlias("e"),
        Flag.withDescription(`Passes over the examples (default: ${defaults.epochs})`),
        Flag.optional
      ),
      batchSize: flags.batchSize,
      learningRate: flags.rate("learning-rate").pipe(
        Flag.withAlias("l"),
        Flag.withDescription(`Adam's at the start; it falls to 0 along a cosine (default: ${defaults.learningRate})`),
        Flag.optional
      ),
      seed: flags.seed,
      backend
    },
    dataDir,
    out: flags.out("<dataset>-<model>"),
    resume: flags.resume,
    checkpointEvery,
    threads,
    tensorboard: flags.tensorboard("the test"),
    json,
    verbose
  },
  train
).pipe(
  Command.withDescription(
    "Train a network on images of digits, test it, and write a run folder: model.safetensors, metrics.jsonl, " +
      "run.json, report.html. Ctrl-C stops after the step and saves."
  ),
  Command.withExamples([
    { command: called("effect-neuron train"), description: "One epoch of the convolutional network" },
    {
      command: called("effect-neuron train --epochs 3 --out runs/best"),
      description: "Three epochs, into a folder of your choice"
    },
    { command: called("effect-neuron train --resume runs/best --epochs 5"), description: "Two epochs more" }
  ])
)

const evaluateCommand = Command.make("evaluate", { run, dataset, dataDir, backend, threads, json, verbose }, evaluate)
  .pipe(
    Command.withDescription("Test the model of a run on examples that it has not been trained on"),
    Command.withExamples([{
      command: called("effect-neuron evaluate runs/best"),
      description: "Accuracy and loss on the test set"
    }])
  )

const predictCommand = Command.make("predict", {
  run,
  images: Argument.String("image").pipe(
    Argument.withDescription("PNG files of 28 x 28, a white digit on black"),
    Argument.atLeast(1)
  ),
  invert: Flag.Boolean("invert").pipe(Flag.withDescription("The digits are black on white"), Flag.withDefault(false)),
  backend,
  threads,
  json,
  verbose
}, predict).pipe(
  Command.withDescription("Say which digits pictures show, with probabilities"),
  Command.withExamples([{ command: called("effect-neuron predict runs/best seven.png"), description: "One picture" }])
)

const reportCommand = Command.make("report", { run, dataDir, backend, threads, verbose }, report).pipe(
  Command.withDescription(
    "Write the report.html of a run again: of a run of train after a test of its model, with curves, confusion matrix " +
      "and worst mistakes; of one of gan train with samples, judgments and curves"
  ),
  Command.withExamples([
    { command: called("effect-neuron report runs/best"), description: "Writes runs/best/report.html" },
    { command: called("effect-neuron report runs/digits"), description: "The same, where gan train wrote runs/digits" }
  ])
)

/**
 * The command line, with its subcommands.
 *
 * @example
 * ```ts
 * import { Command } from "effect/cli"
 * import { Cli } from "effect-neuron/node"
 *
 * const tools = Command.make("tools").pipe(Command.withSubcommands([Cli.command]))
 * tools.subcommands.flatMap(({ commands }) => commands.map(({ name }) => name)) // => ["effect-neuron"]
 * ```
 */
export const command = Command.make("effect-neuron").pipe(
  Command.withDescription("Train neural networks on streams, in plain JavaScript and WebAssembly"),
  Command.withSubcommands([trainCommand, evaluateCommand, predictCommand, reportCommand, ganCommand])
)

// Errors on the command line get one line; the help is what --help is for.
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(`${event.errors.map(({ message }) => message).join("; ")} (see --help)`)
      : CliOutput.defaultPresenter.present(event)
}

/**
 * Runs the command line on arguments. What goes wrong is said in one line on standard error, or with its stack traces
 * when `--verbose` is among the arguments, and stays in the error channel for the exit code.
 *
 * @example
 * ```ts no-run
 * import { NodeRuntime, NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Cli } from "effect-neuron/node"
 *
 * const command = Cli.runCommand(["train", "--epochs", "3"])
 * NodeRuntime.runMain(Effect.provide(command, NodeServices.layer), { disableErrorReporting: true })
 * ```
 */
export const runCommand = (args: ReadonlyArray<string>) =>
  Command.runWith(command, { version })(args).pipe(
    Effect.tapCause((cause) =>
      Cause.hasInterruptsOnly(cause) || CliError.isCliError(Cause.squash(cause))
        ? Effect.void
        : Console.error(render(cause, args.includes("--verbose")))
    ),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(Arguments, args)
  )
