import { Cause, Effect, FileSystem, Path } from "effect"
import { fileName } from "../checkpoint/index.ts"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import { messageOf } from "../core/messageOf.ts"
import { metricsFile, runFile, samplesFolder, summaryFile } from "../experiment/run/format.ts"

/** The folder of the run that a path means, which may be that of a checkpoint in it. */
export const folderOf = (path: string): Effect.Effect<string, never, Path.Path> =>
  Effect.map(Path.Path, ({ dirname }) => path.endsWith(".safetensors") ? dirname(path) : path)

/** Fails when the folder of a new run holds a run already. */
export const checkNewFolder = (folder: string): Effect.Effect<void, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    for (const name of [fileName, runFile, summaryFile, metricsFile, samplesFolder]) {
      const isThere = fs.exists(join(folder, name))
      if (yield* Effect.mapError(isThere, fileError(folder, "a folder to write to"))) {
        const isRun = name === fileName || name === runFile || name === summaryFile
        return yield* new DataError({
          source: folder,
          expected: "a new run's folder",
          actual: `the ${name} of another run; ${isRun ? "go on with it by --resume, or " : ""}choose another --out`
        })
      }
    }
  })

/** One line for an error; with `verbose` the whole cause with its stack traces. */
export const render = (cause: Cause.Cause<unknown>, verbose: boolean): string => {
  if (verbose) return Cause.pretty(cause)
  const error = Cause.squash(cause)
  return messageOf(error).replaceAll(/\s*\n\s*/g, " ")
}
