import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { anyImages } from "./anyImages.ts"
import { called } from "./called.ts"
import { withDataDir } from "./dataDir.ts"
import { flaggedOf, own } from "./experimentFlags.ts"
import { flagsOf, given } from "./fieldFlags.ts"
import { findExperiment, known } from "./findExperiment.ts"
import type { Found } from "./findExperiment.ts"
import * as flags from "./flags.ts"
import { sayer } from "./progress.ts"
import { newPlan, resumePlan } from "./runPlan.ts"
import { trainPlan } from "./train.ts"

/** `train`, with the options of an experiment; without one those of MNIST, which generated digits have too. */
export const trainCommand = (found: Found | undefined) => {
  const { experiment } = found ?? { experiment: known["mnist"]! }
  return Command.make(
    "train",
    { experiment: flags.experiment, config: flagsOf(flaggedOf(experiment)), ...own },
    (options) =>
      Effect.gen(function*() {
        const asked = { ...options, config: given(options.config) }
        const named = Option.getOrUndefined(options.experiment)
        const plan = yield* Option.match(options.resume, {
          onNone: () =>
            Effect.flatMap(
              named === undefined
                ? Effect.flatMap(anyImages(sayer(options.json)), findExperiment)
                : findExperiment(named),
              (found) => newPlan(found, asked)
            ),
          onSome: (path) => resumePlan(path, named, asked)
        })
        yield* trainPlan(plan, asked)
      }).pipe(withDataDir(options.dataDir))
  ).pipe(
    Command.withDescription(
      `${
        found === undefined
          ? "An experiment, by its name or its file; without one MNIST, or generated digits where it is not to be had"
          : experiment.description ?? experiment.name
      }: train it, validate and test it, and write a run folder: ` +
        "model.safetensors, best.safetensors, metrics.jsonl, run.json, report.html. Ctrl-C stops after the step and saves."
    ),
    Command.withExamples([
      ...(found === undefined
        ? [
          { command: called("effect-neuron train"), description: "One epoch of a convolutional network on digits" },
          {
            command: called("effect-neuron train lstm --text book.txt"),
            description: "A language model of a text; with --help all that it takes"
          },
          {
            command: called("effect-neuron train my-experiment.ts --epochs 3 --out runs/mine"),
            description: "An experiment of your own, into a folder of your choice"
          }
        ]
        : [{
          command: called(`effect-neuron train ${found.file ?? experiment.name} --out runs/mine`),
          description: "Into a folder of your choice"
        }]),
      { command: called("effect-neuron train --resume runs/mine --epochs 5"), description: "Up to the fifth epoch" }
    ])
  )
}
