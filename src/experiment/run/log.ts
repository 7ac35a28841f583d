import { Effect, FileSystem, Stream } from "effect"
import type { Path } from "effect"
import { inFolder } from "../../checkpoint/folder.ts"
import type { DataError } from "../../core/errors.ts"
import { fileError, writeBytes } from "../../core/files.ts"
import { metricsFile } from "./format.ts"
import { formatLine, parseLine } from "./lines.ts"
import type { Line } from "./lines.ts"

/** The metrics of a run, as they are written. Lines are kept until `flush`, which costs a system call. */
export interface MetricsLog {
  /** The last lines that were there before, by split. */
  readonly last: ReadonlyMap<string, Line>
  /** Those of the steps of the epoch in which they end. */
  readonly epoch: ReadonlyArray<Line>
  readonly write: (line: Line) => void
  /** Writes what waits. A failure leaves the lines before it whole, and those that wait waiting. */
  readonly flush: Effect.Effect<void, DataError, FileSystem.FileSystem>
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/**
 * Opens the metrics of a run for appending; the lines that are there already and are not to `stay` are cut off first.
 */
export const openLog = (
  folder: string,
  stay: (line: Line) => boolean
): Effect.Effect<MetricsLog, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, path = inFolder(folder, metricsFile)
    const toError = fileError(path, "a file to append to")
    const before = yield* files.readFileString(path).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed("")),
      Effect.mapError(toError)
    )
    const kept: Array<string> = [], last = new Map<string, Line>()
    let epoch: Array<Line> = []
    for (const text of before.split("\n")) {
      const line = parseLine(text)
      if (line === undefined || !stay(line)) continue
      kept.push(`${text}\n`)
      if (line.split === "train") {
        if (line["epoch"] !== epoch[0]?.["epoch"]) epoch = []
        epoch.push(line)
      }
      last.set(line.split, line)
    }
    const whole = kept.join("")
    if (whole !== before || before === "") yield* writeBytes(path, Stream.succeed(encode(whole)))
    let size = encode(whole).length, pending: Array<string> = []
    const flush = Effect.suspend(() => {
      if (pending.length === 0) return Effect.void
      const taken = pending.length, bytes = encode(pending.join(""))
      return files.writeFile(path, bytes, { flag: "a" }).pipe(
        // Part of a line would be glued to the next one.
        Effect.tapError(() => Effect.ignore(files.truncate(path, size))),
        Effect.mapError(toError),
        Effect.map(() => {
          size += bytes.length
          pending = pending.slice(taken)
        })
      )
    }).pipe(Effect.uninterruptible)
    return { last, epoch, write: (line) => pending.push(formatLine(line)), flush }
  })
