import { Effect, FileSystem, Option, Path } from "effect"
import { bestFileName, fileName } from "../../checkpoint/folder.ts"
import {
  metricsFile,
  reportFile,
  runFile,
  samplesFolder,
  stepOfSample,
  stepOfText
} from "../../experiment/run/format.ts"
import type { Run } from "../../experiment/run/format.ts"
import * as Runs from "../../experiment/run/read.ts"

/** A run folder as the page lists it. */
export interface RunFolder {
  readonly name: string
  readonly hasWeights: boolean
  /** Whether there are those that were the best in validation, too. */
  readonly hasBest: boolean
  readonly hasReport: boolean
  /** The pictures or texts that a model has made in the course of its training, by name, in the order of their steps. */
  readonly samples: ReadonlyArray<string>
  /** What the run says, or what is wrong with it. */
  readonly run?: Run
  readonly problem?: string
  /** Whether it says that it goes on, though the process that wrote it is gone. */
  readonly killed?: true
  /** Whether version 0.1.0 wrote it, whose runs are not gone on with. */
  readonly earlier?: true
}

const isSample = (file: string): boolean => (stepOfSample(file) ?? stepOfText(file)) !== undefined

/** The runs in `root`, the newest first. A folder that is no run is left out. */
export const list = (root: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const listed = yield* Effect.orElseSucceed(Runs.list(root), () => [])
    const found = yield* Effect.forEach(listed, ({ killed, name, problem, run }) =>
      Effect.gen(function*() {
        const folder = yield* inside(root, name)
        const files = yield* Effect.orElseSucceed(fs.readDirectory(join(folder, samplesFolder)), () => [])
        const runFolder: RunFolder = {
          name,
          hasWeights: yield* fs.exists(join(folder, fileName)),
          hasBest: yield* fs.exists(join(folder, bestFileName)),
          hasReport: yield* fs.exists(join(folder, reportFile)),
          samples: files.filter(isSample).sort(),
          ...(run === undefined ? {} : { run }),
          ...(killed === undefined ? {} : { killed }),
          ...(run === undefined || (yield* fs.exists(join(folder, runFile))) ? {} : { earlier: true }),
          ...(problem === undefined ? {} : { problem: problem.message })
        }
        return runFolder
      }).pipe(Effect.option), { concurrency: 8 })
    return found.flatMap(Option.toArray)
  })

/**
 * The folder of a run's name. A name is looked for among the entries of `root` and never put into a path unseen, and a
 * link that leads out of `root` is no run: no request reaches another file.
 */
export const inside = (root: string, name: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join, sep } = yield* Path.Path
    const names = yield* fs.readDirectory(root)
    const found = names.find((entry) => entry === name)
    if (found === undefined) return yield* Effect.fail("not a run" as const)
    const real = yield* fs.realPath(root), folder = yield* fs.realPath(join(root, found))
    return folder.startsWith(real + sep) ? folder : yield* Effect.fail("not a run" as const)
  })

const within = (root: string, ...parts: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join, sep } = yield* Path.Path
    const path = yield* fs.realPath(join(...parts))
    return path.startsWith((yield* fs.realPath(root)) + sep) ? path : yield* Effect.fail("not a run" as const)
  })

/** A file of a run by a name that no request has made up, wherever links in its folder lead within `root`. */
export const fileOf = (root: string, name: string, file: string) =>
  Effect.flatMap(inside(root, name), (folder) => within(root, folder, file))

/** A picture or a text of a run, by a name that {@link list} gives. */
export const sampleOf = (root: string, name: string, file: string) =>
  isSample(file)
    ? Effect.flatMap(inside(root, name), (folder) => within(root, folder, samplesFolder, file))
    : Effect.fail("not a run" as const)

/** The lines of a run's metrics from a byte on, as `Run.metricsFrom` gives them. */
export const metricsFrom = (root: string, name: string, from: number) =>
  Effect.gen(function*() {
    yield* fileOf(root, name, metricsFile)
    return yield* Runs.metricsFrom(yield* inside(root, name), from)
  })
