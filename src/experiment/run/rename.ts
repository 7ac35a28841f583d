import { Effect } from "effect"
import type { FileSystem, Path } from "effect"
import type { DataError } from "../../core/errors.ts"
import type { Run } from "./format.ts"
import { hold } from "./lock.ts"
import { read } from "./read.ts"
import type { RunBusy } from "./RunBusy.ts"
import { writeRun } from "./writer.ts"

/**
 * Calls the run in a folder by another name, with a note if one is given. Fails with a `DataError` when there is none,
 * and with `RunBusy` when another process writes it.
 */
export const rename = (
  folder: string,
  change: Pick<Run, "note"> & { readonly name: string }
): Effect.Effect<void, DataError | RunBusy, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    // Nothing is written where there is no run.
    yield* read(folder)
    yield* hold(folder)
    yield* writeRun(folder, { ...yield* read(folder), ...change })
  }).pipe(Effect.scoped)
