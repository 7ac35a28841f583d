import { Cause, Console, Effect, Option } from "effect"
import { Argument, CliError, CliOutput, Command, Flag } from "effect/cli"
import { version } from "../core/version.ts"
import { Arguments, called } from "./called.ts"
import { dashboardCommand } from "./dashboardCommand.ts"
import { withDataDir } from "./dataDir.ts"
import { evaluate } from "./evaluate.ts"
import { known } from "./findExperiment.ts"
import type { Found } from "./findExperiment.ts"
import * as flags from "./flags.ts"
import { ganCommand } from "./gan/command.ts"
import { generateCommand } from "./generateCommand.ts"
import { initCommand } from "./init/command.ts"
import { meantByArguments } from "./meantByArguments.ts"
import { predict } from "./predict.ts"
import { report } from "./report.ts"
import { render } from "./runFolder.ts"
import { compareRuns, renameRun, runs } from "./runs.ts"
import { summaryCommand } from "./summary.ts"
import { trainCommand } from "./trainCommand.ts"

const { backend, dataDir, experimentFile, json, run, threads, verbose } = flags

const evaluateCommand = Command.make("evaluate", {
  run,
  split: Flag.Literals("split", ["test", "validation", "train"]).pipe(
    Flag.withDescription("The examples that it is tested on"),
    Flag.withDefault("test" as const)
  ),
  experiment: experimentFile,
  ...{ dataDir, backend, threads, json, verbose }
}, (options) => withDataDir(options.dataDir)(evaluate(options))).pipe(
  Command.withDescription("Test the model of a run on examples that it has not been trained on"),
  Command.withExamples([{
    command: called("effect-neuron evaluate runs/best"),
    description: "Its figures on the test examples"
  }])
)

const predictCommand = Command.make("predict", {
  run,
  inputs: Argument.String("input").pipe(
    Argument.withDescription("PNG files of images, CSV files of rows, points or series, texts; .jsonl files of any"),
    Argument.atLeast(1)
  ),
  invert: Flag.Boolean("invert").pipe(
    Flag.withDescription("Turn black and white of images: digits are white on black"),
    Flag.withDefault(false)
  ),
  out: flags.path("out", "a folder").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("DIR"),
    Flag.withDescription(
      "The folder of pictures that are predicted, X.prediction.png of X.png (default: beside the input)"
    ),
    Flag.optional
  ),
  force: Flag.Boolean("force").pipe(
    Flag.withDescription("Write them over files that are there already"),
    Flag.withDefault(false)
  ),
  experiment: experimentFile,
  ...{ dataDir, backend, threads, json, verbose }
}, (options) => withDataDir(options.dataDir)(predict(options))).pipe(
  Command.withDescription("Say what a run makes of inputs: classes with their probabilities, numbers, a text"),
  Command.withExamples([
    { command: called("effect-neuron predict runs/best seven.png"), description: "One picture" },
    { command: called("effect-neuron predict runs/prices flats.csv"), description: "Each row of a table" },
    {
      command: called("effect-neuron predict runs/lstm 'There was once'"),
      description: "After each token of a text the likeliest next one"
    }
  ])
)

const reportCommand = Command.make(
  "report",
  { run, experiment: experimentFile, ...{ dataDir, backend, threads, verbose } },
  (options) => withDataDir(options.dataDir)(report(options))
).pipe(
  Command.withDescription("Write the report.html of a run again, after a test of its model"),
  Command.withExamples([
    { command: called("effect-neuron report runs/best"), description: "Writes runs/best/report.html" }
  ])
)

const compareCommand = Command.make("compare", {
  a: Argument.String("a").pipe(Argument.withDescription("The folder of a run")),
  b: Argument.String("b").pipe(Argument.withDescription("That of another one")),
  ...{ json, verbose }
}, compareRuns).pipe(
  Command.withDescription("Say in what two runs differ: their configurations, and what came of them")
)

const renameCommand = Command.make("rename", {
  run,
  name: Argument.String("name").pipe(Argument.withDescription("What it is to be called in lists")),
  note: Flag.String("note").pipe(
    Flag.withMetavar("TEXT"),
    Flag.withDescription("What is to be noted about it (default: the note that it has)"),
    Flag.optional
  ),
  verbose
}, renameRun).pipe(
  Command.withDescription("Call a run by another name, and note something about it; its folder stays where it is"),
  Command.withExamples([{
    command: called("effect-neuron runs rename runs/a 'wide network' --note 'twice the units'"),
    description: "Its name and note in runs, the report and the page"
  }])
)

const runsCommand = Command.make("runs", {
  folder: flags.path("folder", "a folder").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("The folder that holds run folders"),
    Flag.withDefault("runs")
  ),
  sort: Flag.String("sort").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      "By what they are sorted: created, step, a field of the configuration, accuracy; config.step and validation.loss " +
        "say which one is meant where several are called so; --sort=-NAME turns it"
    ),
    Flag.optional
  ),
  filter: Flag.String("filter").pipe(
    Flag.withMetavar("CONDITION"),
    Flag.withDescription(
      "Only those of which it is so: state=tested, 'hidden>32', 'accuracy>=90%', by the names of --sort; may be given several times"
    ),
    Flag.atLeast(0)
  ),
  ...{ json, verbose }
}, runs).pipe(
  Command.withDescription("List the runs in a folder, the newest first"),
  Command.withExamples([
    {
      command: called("effect-neuron runs --sort=-accuracy --filter experiment=mnist"),
      description: "Those of MNIST, the best first"
    },
    { command: called("effect-neuron runs compare runs/a runs/b"), description: "In what two differ" }
  ]),
  Command.withSubcommands([compareCommand, renameCommand])
)

/** The command line, for the experiment that is trained: its options come from the fields of its configuration. */
const commandFor = (found: Found | undefined) =>
  Command.make("effect-neuron").pipe(
    Command.withDescription("Train neural networks on streams, in plain JavaScript and WebAssembly"),
    Command.withSubcommands([
      trainCommand(found),
      evaluateCommand,
      predictCommand,
      reportCommand,
      summaryCommand(found),
      runsCommand,
      generateCommand,
      ganCommand,
      initCommand,
      dashboardCommand
    ])
  )

/**
 * The command line, with its subcommands. Options of `train` are those of the digits; {@link runCommand} has those of
 * the experiment that is meant.
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
export const command = commandFor({ experiment: known["digits"]! })

/** What is wrong with arguments, in one sentence. */
const inWords = (error: CliError.CliError): string => {
  if (error._tag !== "InvalidValue") return error.message
  const { expected, kind, option, value } = error, name = kind === "flag" ? `--${option}` : `<${option}>`
  // What a flag without a value is said to expect is no more than its type.
  const types: { readonly [type: string]: string } = { integer: "a whole number", number: "a number", DIR: "a folder" }
  return `${name}: expected ${types[expected] ?? expected.replace(/^Expected:? /, "")}, found ${
    value === "" ? "nothing" : value
  }`
}

// Errors on the command line get one line; the help is what --help is for.
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(`${event.errors.map(inWords).join("; ")} (see --help)`)
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
 * const command = Cli.runCommand(["train", "mnist", "--epochs", "3"])
 * NodeRuntime.runMain(Effect.provide(command, NodeServices.layer), { disableErrorReporting: true })
 * ```
 */
export const runCommand = (args: ReadonlyArray<string>) =>
  meantByArguments(args).pipe(
    Effect.flatMap((found) => Command.runWith(commandFor(Option.getOrUndefined(found)), { version })(args)),
    Effect.tapCause((cause) =>
      Cause.hasInterruptsOnly(cause) || CliError.isCliError(Cause.squash(cause))
        ? Effect.void
        : Console.error(render(cause, args.includes("--verbose")))
    ),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(Arguments, args)
  )
