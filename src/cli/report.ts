import { Console, Effect } from "effect"
import { writeReport } from "../experiment/report/write.ts"
import { read } from "../experiment/run/read.ts"
import { known } from "./findExperiment.ts"
import { withRun } from "./openRun.ts"
import type { Computing } from "./openRun.ts"
import { folderOf } from "./runFolder.ts"

/** What `report` is asked for. */
export interface ReportOptions extends Computing {
  readonly run: string
}

/**
 * Writes the report of a run again: of a supervised one after a test of it, of others, and of those that programs of
 * their own have written, from what is in the folder.
 */
export const report = (options: ReportOptions) =>
  Effect.gen(function*() {
    const folder = yield* folderOf(options.run), run = yield* read(folder)
    const isOurs = run.file !== undefined || Object.hasOwn(known, run.experiment)
    if (run.kind !== "supervised" || !isOurs) return yield* Console.log(yield* writeReport(folder))
    yield* withTest(options)
  })

const withTest = (options: ReportOptions) =>
  withRun(
    options.run,
    options,
    ({ file, folder, opened: { about, evaluate, examine }, state }) =>
      Effect.gen(function*() {
        if (evaluate === undefined || about.sizes.test === 0) return yield* Console.log(yield* writeReport(folder))
        const figures = yield* evaluate("test", state)
        const examined = examine === undefined ? {} : { examined: yield* examine("test", state) }
        yield* Console.log(`${yield* writeReport(folder, { figures, ...examined })}: the run, and a test of ${file}`)
      })
  )
