import { Effect, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import { inFolder } from "../../checkpoint/folder.ts"
import type { DataError } from "../../core/errors.ts"
import { writeBytes } from "../../core/files.ts"
import { reportFile } from "../run/format.ts"
import { page } from "./page.ts"
import { readRecord } from "./record.ts"
import type { Tested } from "./tested/tested.ts"

/**
 * Writes the report of a run into its folder, from the files in it and from what a test gave, if there was one: a page
 * that stands for itself. Gives the path of the file. Fails with a `DataError` when the run cannot be read, or the
 * report not be written.
 */
export const writeReport = (
  folder: string,
  tested?: Tested
): Effect.Effect<string, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const record = yield* readRecord(folder), path = inFolder(folder, reportFile)
    yield* writeBytes(path, Stream.suspend(() => Stream.succeed(new TextEncoder().encode(page(record, tested)))))
    return path
  })
