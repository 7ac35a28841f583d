import { Console, Effect, Option, Path, Stream } from "effect"
import type { FileSystem } from "effect"
import type { DataError } from "../../core/errors.ts"
import { writeBytes } from "../../core/files.ts"
import type { RunConfig } from "../config.ts"
import { openDataset } from "../data.ts"
import { withModel } from "../loadRun.ts"
import { checkpointOf } from "../runFolder.ts"
import { page } from "./page.ts"
import { readRun } from "./readRun.ts"
import { testModel } from "./testModel.ts"
import type { Tested } from "./testModel.ts"

export const reportFile = "report.html"

/** Writes the report of a run into its folder, from the files in it and from the test, if there was one. */
export const writeReport = (
  folder: string,
  tested?: Tested
): Effect.Effect<string, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const path = (yield* Path.Path).join(folder, reportFile)
    const text = page(yield* readRun(folder), tested)
    yield* writeBytes(path, Stream.succeed(new TextEncoder().encode(text)))
    return path
  })

/** Tests the weights of a run and writes its report again. */
export const report = (options: {
  readonly run: string
  readonly dataDir: Option.Option<string>
  readonly backend: Option.Option<RunConfig["backend"]>
  readonly threads: number
}) =>
  Effect.gen(function*() {
    const folder = (yield* Path.Path).dirname(yield* checkpointOf(options.run))
    const path = yield* withModel(options.run, options, ({ config, model, weights }) =>
      Effect.gen(function*() {
        const dataset = yield* openDataset(config.dataset, Option.getOrUndefined(options.dataDir))
        return yield* writeReport(folder, yield* testModel(model, weights, dataset))
      }))
    yield* Console.log(path)
  })
