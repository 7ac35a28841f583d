import { Effect, FileSystem, Path, Schema } from "effect"
import { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import type { CommonConfig, RunKind } from "../config.ts"
import { Networks } from "../networks.ts"
import { metricsFile, summaryFile } from "../runFolder.ts"

const summaryOf = <C>(config: Schema.Codec<C>) =>
  Schema.Struct({
    status: Schema.Literals(["running", "finished", "interrupted", "failed"]),
    /** How many steps were taken, and how many there should be. */
    step: Schema.Int,
    steps: Schema.optionalKey(Schema.Int),
    /** The step of the checkpoint from which the run went on; durations are of what came after it. */
    resumedFrom: Schema.optionalKey(Schema.Int),
    config,
    versions: Schema.Record(Schema.String, Schema.String),
    /** How long it took: to train, to test where that was done, and together. */
    seconds: Schema.optionalKey(
      Schema.Struct({
        train: Schema.Finite,
        test: Schema.optionalKey(Schema.Finite),
        total: Schema.optionalKey(Schema.Finite)
      })
    ),
    error: Schema.optionalKey(Schema.String),
    networks: Schema.optionalKey(Networks)
  })

/** What the summary of any run says. */
export interface Run<C> {
  /** The name of the folder. */
  readonly name: string
  readonly summary: ReturnType<typeof summaryOf<C>>["Type"]
}

/**
 * Reads summary.json and metrics.jsonl of the folder of a run of a kind. A line that is none of `line`, as a kill that
 * cuts it short leaves it, is left out.
 */
export const readRun = <C extends CommonConfig, L>(
  folder: string,
  { command, schema }: Pick<RunKind<C>, "command" | "schema">,
  line: Schema.Codec<L>
): Effect.Effect<
  Run<C> & { readonly lines: ReadonlyArray<L> },
  DataError,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { basename, join, resolve } = yield* Path.Path
    const read = (name: string) => {
      const path = join(folder, name)
      return Effect.mapError(files.readFileString(path), fileError(path, "a file of a run"))
    }
    const decodeSummary = Schema.decodeEffect(Schema.fromJsonString(summaryOf(schema)))
    const summary = yield* Effect.flatMap(read(summaryFile), decodeSummary).pipe(
      Effect.catchTag("SchemaError", (cause) =>
        Effect.fail(
          new DataError({
            source: join(folder, summaryFile),
            expected: `the summary of \`${command}\``,
            actual: "another file",
            cause
          })
        ))
    )
    const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(line))
    const lines = yield* Effect.forEach(
      (yield* read(metricsFile)).split("\n"),
      (text) => Effect.orElseSucceed(decodeLine(text), () => undefined)
    )
    return { name: basename(resolve(folder)), summary, lines: lines.filter((line) => line !== undefined) }
  })
