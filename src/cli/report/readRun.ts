import { Effect, FileSystem, Path, Schema } from "effect"
import { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import { RunConfig } from "../config.ts"
import { metricsFile, summaryFile } from "../runFolder.ts"

const Summary = Schema.Struct({
  status: Schema.Literals(["running", "finished", "interrupted", "failed"]),
  /** How many steps were taken, and how many there should be. */
  step: Schema.Int,
  steps: Schema.optionalKey(Schema.Int),
  /** The step of the checkpoint from which the run went on; durations are of what came after it. */
  resumedFrom: Schema.optionalKey(Schema.Int),
  config: RunConfig,
  versions: Schema.Record(Schema.String, Schema.String),
  seconds: Schema.optionalKey(
    Schema.Struct({ train: Schema.Finite, test: Schema.Finite, total: Schema.Finite })
  ),
  error: Schema.optionalKey(Schema.String)
})

const measures = { step: Schema.Int, size: Schema.Int, loss: Schema.Finite, accuracy: Schema.Finite }
const TrainLine = Schema.Struct({ split: Schema.Literal("train"), epoch: Schema.Int, ...measures })
const TestLine = Schema.Struct({ split: Schema.Literal("test"), ...measures })

export type TrainLine = typeof TrainLine.Type
export type TestLine = typeof TestLine.Type

/** What the text files of a run folder say. */
export interface RunRecord {
  /** The name of the folder. */
  readonly name: string
  readonly summary: typeof Summary.Type
  readonly train: ReadonlyArray<TrainLine>
  readonly test: ReadonlyArray<TestLine>
}

const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Union([TrainLine, TestLine])))

/** Reads summary.json and metrics.jsonl of a run folder. A line that a kill has cut short is left out. */
export const readRun = (
  folder: string
): Effect.Effect<RunRecord, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { basename, join, resolve } = yield* Path.Path
    const read = (name: string) => {
      const path = join(folder, name)
      return Effect.mapError(files.readFileString(path), fileError(path, "a file of a run"))
    }
    const summary = yield* Effect.flatMap(read(summaryFile), Schema.decodeEffect(Schema.fromJsonString(Summary))).pipe(
      Effect.catchTag("SchemaError", (cause) =>
        Effect.fail(
          new DataError({
            source: join(folder, summaryFile),
            expected: "the summary of `effect-neuron train`",
            actual: "another file",
            cause
          })
        ))
    )
    const lines = yield* Effect.forEach(
      (yield* read(metricsFile)).split("\n"),
      (line) => Effect.orElseSucceed(decodeLine(line), () => undefined)
    )
    return {
      name: basename(resolve(folder)),
      summary,
      train: lines.filter((line) => line?.split === "train"),
      test: lines.filter((line) => line?.split === "test")
    }
  })
