import { Console, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { count } from "../experiment/report/numbers.ts"
import { backendLayer } from "./backend.ts"
import { called } from "./called.ts"
import { withDataDir } from "./dataDir.ts"
import { flaggedOf } from "./experimentFlags.ts"
import { flagsOf, given } from "./fieldFlags.ts"
import { findExperiment, known } from "./findExperiment.ts"
import type { Found } from "./findExperiment.ts"
import * as flags from "./flags.ts"
import { linesOf } from "./networks.ts"
import { openWith } from "./openRun.ts"

const { dataDir, json, verbose } = flags

/** `summary`: what an experiment trains, with the options of its configuration. */
export const summaryCommand = (found: Found | undefined) => {
  const { experiment } = found ?? { experiment: known["digits"]! }
  return Command.make(
    "summary",
    { experiment: flags.experiment, config: flagsOf(flaggedOf(experiment)), dataDir, json, verbose },
    (options) =>
      Effect.gen(function*() {
        const { experiment } = yield* findExperiment(Option.getOrElse(options.experiment, () => "digits"))
        const { about, config, steps } = yield* openWith(experiment, given(options.config))
        const { networks, sizes } = about
        if (options.json) {
          return yield* Console.log(JSON.stringify({ experiment: experiment.name, config, steps, ...about }))
        }
        yield* Console.log(
          `${experiment.name}: ${count(sizes.train)} examples to train with, ${count(sizes.validation)} to validate, ` +
            `${count(sizes.test)} to test, ${count(steps)} steps`
        )
        yield* Console.log(linesOf(networks).join("\n"))
      }).pipe(Effect.provide(backendLayer("cpu", 1)), withDataDir(options.dataDir))
  ).pipe(
    Command.withDescription("Say what an experiment trains: the layers of its networks, their shapes and parameters"),
    Command.withExamples([{
      command: called("effect-neuron summary my-experiment.ts --hidden 64"),
      description: "The network, of another size"
    }])
  )
}
