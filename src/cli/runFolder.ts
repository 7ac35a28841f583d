import { Cause, Effect, FileSystem, Option, Path, Schema, Stream } from "effect"
import { fileName } from "../checkpoint/index.ts"
import { DataError } from "../core/errors.ts"
import { fileError, removePartials, writeBytes } from "../core/files.ts"
import { messageOf } from "../core/messageOf.ts"

export const metricsFile = "metrics.jsonl"
export const summaryFile = "summary.json"
export const reportFile = "report.html"
/** Pictures of what a generator draws. */
export const samplesFolder = "samples"

/** The name of the picture of a step. Others may be in the folder too. */
export const sampleName = (step: number): string => `step-${String(step).padStart(6, "0")}.png`

/** The step of a picture of that name. */
export const stepOfSample = (name: string): number | undefined => {
  const digits = /^step-(\d{6,})\.png$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

type Files = FileSystem.FileSystem | Path.Path

/** The files of a run's folder that are written as a whole. */
const isOurs = (name: string): boolean => [fileName, metricsFile, summaryFile, reportFile].includes(name)

/** The checkpoint that a path means: itself, or the one in the run folder that it names. */
export const checkpointOf = (path: string): Effect.Effect<string, never, Path.Path> =>
  Effect.map(Path.Path, ({ join }) => path.endsWith(".safetensors") ? path : join(path, fileName))

/** Makes the folder of a new run; one that already holds a run is left alone, with a failure. */
export const createRunFolder = (folder: string): Effect.Effect<void, DataError, Files> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const toError = fileError(folder, "a folder to write to")
    yield* Effect.mapError(fs.makeDirectory(folder, { recursive: true }), toError)
    for (const name of [fileName, metricsFile, summaryFile, samplesFolder]) {
      if (yield* Effect.mapError(fs.exists(join(folder, name)), toError)) {
        const way = name === fileName ? "go on with it by --resume, or choose another --out" : "choose another --out"
        return yield* new DataError({
          source: folder,
          expected: "a new run's folder",
          actual: `the ${name} of another run; ${way}`
        })
      }
    }
  })

/** Gets the folder of a run ready to be written to, new or gone on with. */
export const openRunFolder = (
  { folder, isNew }: { readonly folder: string; readonly isNew: boolean }
): Effect.Effect<void, DataError, Files> =>
  Effect.andThen(isNew ? createRunFolder(folder) : Effect.void, removePartials(folder, isOurs))

const Line = Schema.fromJsonString(Schema.Struct({ step: Schema.Finite, split: Schema.optional(Schema.String) }))

/** A file of JSON lines. Lines are kept until `flush`, which costs a system call. */
export interface MetricsLog {
  readonly write: (line: { readonly step: number; readonly [name: string]: unknown }) => void
  readonly flush: Effect.Effect<void, DataError>
  /** The step and the split of the last line that was there before. */
  readonly last: { readonly step: number; readonly split?: string | undefined } | undefined
}

/**
 * Opens the metrics of a run for appending. What an earlier, killed run wrote after the step of its checkpoint is cut
 * off first: those steps are taken again.
 */
export const openMetricsLog = (
  folder: string,
  fromStep: number
): Effect.Effect<MetricsLog, DataError, Files> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const path = join(folder, metricsFile), toError = fileError(path, "a file to append to")
    const before = yield* fs.readFileString(path).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed("")),
      Effect.mapError(toError)
    )
    const kept: Array<string> = []
    let last: MetricsLog["last"]
    for (const line of before.split("\n")) {
      const read = yield* Effect.option(Schema.decodeUnknownEffect(Line)(line))
      if (Option.isNone(read) || read.value.step > fromStep) continue
      kept.push(`${line}\n`)
      last = read.value
    }
    yield* writeBytes(path, Stream.succeed(new TextEncoder().encode(kept.join(""))))
    let pending: Array<string> = []
    return {
      last,
      write: (line) => pending.push(`${JSON.stringify(line)}\n`),
      flush: Effect.suspend(() => {
        if (pending.length === 0) return Effect.void
        const text = pending.join("")
        pending = []
        return Effect.mapError(fs.writeFileString(path, text, { flag: "a" }), toError)
      }).pipe(Effect.uninterruptible)
    }
  })

const Status = Schema.fromJsonString(Schema.Struct({ status: Schema.String }))

/** Whether the summary of a run says that it came to its end. */
export const isFinished = (folder: string): Effect.Effect<boolean, never, Files> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const text = yield* fs.readFileString(join(folder, summaryFile))
    return (yield* Schema.decodeUnknownEffect(Status)(text)).status === "finished"
  }).pipe(Effect.orElseSucceed(() => false))

/** Writes the summary of a run, whole. */
export const writeSummary = (folder: string, summary: unknown): Effect.Effect<void, DataError, Files> =>
  Effect.flatMap(Path.Path, ({ join }) => {
    const path = join(folder, summaryFile)
    const bytes = new TextEncoder().encode(`${JSON.stringify(summary, undefined, 2)}\n`)
    return writeBytes(path, Stream.succeed(bytes))
  })

/** One line for an error; with `verbose` the whole cause with its stack traces. */
export const render = (cause: Cause.Cause<unknown>, verbose: boolean): string => {
  if (verbose) return Cause.pretty(cause)
  const error = Cause.squash(cause)
  return messageOf(error).replaceAll(/\s*\n\s*/g, " ")
}
