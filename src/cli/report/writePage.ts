import { Effect, Path, Stream } from "effect"
import type { FileSystem } from "effect"
import type { DataError } from "../../core/errors.ts"
import { writeBytes } from "../../core/files.ts"
import { reportFile } from "../../experiment/run/format.ts"

/** Writes the report of a run into its folder; gives the path of the file. */
export const writePage = (
  folder: string,
  page: string
): Effect.Effect<string, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const path = (yield* Path.Path).join(folder, reportFile)
    yield* writeBytes(path, Stream.succeed(new TextEncoder().encode(page)))
    return path
  })
