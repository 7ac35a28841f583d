import { Console, Effect, Option, Path } from "effect"
import { read } from "../../experiment/run/read.ts"
import { openDataset } from "../data.ts"
import { adversarial } from "../gan/config.ts"
import { withModel } from "../loadRun.ts"
import type { Computing } from "../loadRun.ts"
import { checkpointOf } from "../runFolder.ts"
import { writeAdversarial } from "./adversarial/write.ts"
import { testModel } from "./supervised/testModel.ts"
import { writeSupervised } from "./supervised/write.ts"

/** What `report` is asked for; all but the run is of the test, which adversarial runs have none of. */
export interface ReportOptions extends Computing {
  readonly run: string
  readonly dataDir: Option.Option<string>
}

/** Writes the report of a run again, of the kind that it is: a supervised one is tested for it. */
export const report = (options: ReportOptions) =>
  Effect.gen(function*() {
    const file = yield* checkpointOf(options.run), folder = (yield* Path.Path).dirname(file)
    if ((yield* read(folder)).kind === adversarial.kind) {
      return yield* Console.log(yield* writeAdversarial(folder))
    }
    yield* Console.log(`${yield* writeTested(folder, options)}: the run, and a test of ${file}`)
  })

const writeTested = (folder: string, options: ReportOptions) =>
  withModel(options.run, options, ({ config, model, weights }) =>
    Effect.gen(function*() {
      const dataset = yield* openDataset(config.dataset, Option.getOrUndefined(options.dataDir))
      return yield* writeSupervised(folder, yield* testModel(model, weights, dataset))
    }))
