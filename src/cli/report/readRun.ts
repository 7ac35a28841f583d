import { Effect, Path, Result, Schema } from "effect"
import type { FileSystem } from "effect"
import type { DataError } from "../../core/errors.ts"
import { metrics, read } from "../../experiment/run/read.ts"
import type { CommonConfig, RunKind } from "../config.ts"
import { ofKind } from "../runOf.ts"
import type { RunOf } from "../runOf.ts"

/** A run that is reported on. */
export interface Record<C> {
  /** The name of the folder, and its path as it can be typed where the report is written. */
  readonly name: string
  readonly folder: string
  readonly run: RunOf<C>
}

/** Reads the folder of a run of a kind, and gives its lines of a split that are what they have to be. */
export const readRun = <C extends CommonConfig>(
  folder: string,
  kind: RunKind<C>
): Effect.Effect<
  Record<C> & { readonly linesOf: <L>(split: string, line: Schema.Codec<L>) => ReadonlyArray<L> },
  DataError,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const { basename, resolve } = yield* Path.Path
    const run = yield* Effect.flatMap(read(folder), (run) => ofKind(run, kind, folder))
    const lines = yield* metrics(folder)
    return {
      name: basename(resolve(folder)),
      folder,
      run,
      linesOf: (split, line) => {
        const decode = Schema.decodeUnknownResult(line)
        return (lines[split] ?? []).flatMap((found) => {
          const decoded = decode(found)
          return Result.isSuccess(decoded) ? [decoded.success] : []
        })
      }
    }
  })
