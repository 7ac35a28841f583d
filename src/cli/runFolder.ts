import { Cause, Effect, FileSystem, Path } from "effect"
import { fileName } from "../checkpoint/index.ts"
import { DataError, TensorError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import { placeOf, thrownInWords } from "../core/thrown.ts"
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

/** What an error says; of what a user's own function has thrown also the line of it. */
const inWords = (error: unknown): string => {
  const cause = error instanceof TensorError ? error.cause : error
  const place = cause instanceof Error && "_tag" in cause ? undefined : placeOf(cause)
  const says = error instanceof TensorError ? error.message : thrownInWords(error)
  return place === undefined ? says : `${says} (${place})`
}

/** One line for an error; with `verbose` the whole cause with its stack traces. */
export const render = (cause: Cause.Cause<unknown>, verbose: boolean): string => {
  if (verbose) return Cause.pretty(cause)
  return inWords(Cause.squash(cause)).replaceAll(/\s*\n\s*/g, " ")
}
