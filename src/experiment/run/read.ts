import { Effect, FileSystem, Option, Path, Result } from "effect"
import type { PlatformError } from "effect"
import { inFolder } from "../../checkpoint/folder.ts"
import { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import { parseSummary } from "./earlier.ts"
import { metricsFile, parse, runFile, summaryFile } from "./format.ts"
import type { Run } from "./format.ts"
import type { State } from "./lifecycle.ts"
import { parseLine } from "./lines.ts"
import type { Line } from "./lines.ts"
import { isAbandoned } from "./lock.ts"

type Files = FileSystem.FileSystem

const isMissing = ({ reason }: PlatformError.PlatformError): boolean =>
  reason._tag === "NotFound" || reason._tag === "BadResource"

/** The text of a file; nothing where there is none, as in what is no folder. */
const textAt = (path: string): Effect.Effect<string | undefined, DataError, Files> =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)).pipe(
    Effect.catchIf(isMissing, () => Effect.undefined),
    Effect.mapError(fileError(path, "a file of a run"))
  )

/** When a file was written last, if the file system says so. */
const modified = (path: string): Effect.Effect<Date | undefined, never, Files> =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.stat(path)).pipe(
    Effect.map(({ mtime }) => Option.getOrUndefined(mtime)),
    Effect.orElseSucceed(() => undefined)
  )

/** The run of a folder; nothing where no run has been written. */
export const find = (folder: string): Effect.Effect<Run | undefined, DataError, Files> =>
  Effect.gen(function*() {
    const path = inFolder(folder, runFile), text = yield* textAt(path)
    if (text !== undefined) return yield* Effect.fromResult(parse(text, path))
    const earlier = inFolder(folder, summaryFile), summary = yield* textAt(earlier)
    if (summary === undefined) return undefined
    const written = (yield* modified(earlier)) ?? new Date(0)
    return yield* Effect.fromResult(parseSummary(summary, earlier, written.toISOString()))
  })

/**
 * What the folder of a run says about it: its `run.json`, or the `summary.json` that version 0.1.0 wrote in its place.
 * What the file need not say and says wrongly is left out. Fails with a `DataError` when there is none, when it cannot
 * be read, and when it is no run ({@link parse}).
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Run } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
 *   const run = { format: 1, experiment: "xor", state: "stopped", step: 20, created: "2026-01-02T03:04:05.678Z" }
 *   yield* files.writeFileString(`${folder}/run.json`, JSON.stringify(run))
 *   return (yield* Run.read(folder)).step
 * })
 * await program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise) // => 20
 * ```
 */
export const read = (folder: string): Effect.Effect<Run, DataError, FileSystem.FileSystem> =>
  Effect.flatMap(
    find(folder),
    (run) =>
      run === undefined
        ? Effect.fail(new DataError({ source: folder, expected: `a run, with its ${runFile}`, actual: "none" }))
        : Effect.succeed(run)
  )

/** A folder of a run in a list: what it says, or what is wrong with it. */
export interface Listed {
  /** The name of the folder in the one that was listed, and its path. */
  readonly name: string
  readonly folder: string
  readonly run?: Run
  readonly problem?: DataError
  /** Whether it says that it goes on, and nobody writes it: it was killed, and can be gone on with. */
  readonly killed?: true
}

const going: ReadonlySet<State> = new Set(["starting", "running", "paused"])

/** Whether the run of a folder says that it goes on. */
const isGoing = (found: Result.Result<Run | undefined, DataError>): boolean =>
  Result.isSuccess(found) && found.success !== undefined && going.has(found.success.state)

/** What a folder says of a run, and by when it is sorted; nothing of one that is none. */
const look = (folder: string, name: string) =>
  Effect.gen(function*() {
    const first = yield* Effect.result(find(folder)), metrics = inFolder(folder, metricsFile)
    const seemsKilled = isGoing(first) && (yield* isAbandoned(folder))
    // Where it has come to its end by now, it said so before it let go of its lock.
    const found = seemsKilled ? yield* Effect.result(find(folder)) : first
    if (Result.isSuccess(found) && found.success !== undefined) {
      const run = found.success, killed = seemsKilled && isGoing(found)
      const listed: Listed = { name, folder, run, ...(killed ? { killed } : {}) }
      return [run.created, listed] as const
    }
    const at = yield* modified(metrics)
    if (Result.isSuccess(found) && at === undefined) return undefined
    const alone = new DataError({
      source: folder,
      expected: `a run, with its ${runFile}`,
      actual: `${metricsFile} alone`
    })
    const listed: Listed = { name, folder, problem: Result.isFailure(found) ? found.failure : alone }
    return [(at ?? new Date(0)).toISOString(), listed] as const
  })

/**
 * The runs in the folders of a folder, the newest first by when they began. What is no run is left out; a run that
 * cannot be read is listed with what is wrong. Of no folder there are none. Fails with a `DataError` when the folder
 * cannot be read.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Run } from "effect-neuron"
 *
 * const runs = Effect.provide(Run.list("no-such-folder"), NodeServices.layer)
 * await Effect.runPromise(runs) // => []
 * ```
 */
export const list = (
  root: string
): Effect.Effect<ReadonlyArray<Listed>, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const names = yield* files.readDirectory(root).pipe(
      Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed([])),
      Effect.mapError(fileError(root, "a folder of runs"))
    )
    const found = yield* Effect.forEach(names, (name) => look(join(root, name), name), { concurrency: 8 })
    return found.filter((entry) => entry !== undefined)
      .sort(([a, { name }], [b, other]) => a < b ? 1 : a > b ? -1 : name < other.name ? 1 : -1)
      .map(([, listed]) => listed)
  })

/** Lines by split, each in their order. */
export type Metrics = { readonly [split: string]: ReadonlyArray<Line> }

/**
 * The metrics of a run: the lines of its `metrics.jsonl` by split, `train` for those of steps. What is no line, as a
 * kill that cuts one short leaves it, is left out; of a run that has written none there are none. Fails with a
 * `DataError` when the file cannot be read.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Run } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
 *   const lines = `{"split":"train","step":1,"loss":2}\n{"split":"train","step":2,"loss":1}\n{"split":"tra`
 *   yield* files.writeFileString(`${folder}/metrics.jsonl`, lines)
 *   return (yield* Run.metrics(folder))["train"]?.map(({ loss }) => loss)
 * })
 * await program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise) // => [2, 1]
 * ```
 */
export const metrics = (folder: string): Effect.Effect<Metrics, DataError, FileSystem.FileSystem> =>
  Effect.map(textAt(inFolder(folder, metricsFile)), (text = "") => {
    const splits = new Map<string, Array<Line>>()
    for (const part of text.split("\n")) {
      const line = parseLine(part)
      if (line === undefined) continue
      const lines = splits.get(line.split)
      if (lines === undefined) splits.set(line.split, [line])
      else lines.push(line)
    }
    return Object.fromEntries(splits)
  })

/** A part of a run's metrics: whole lines, and where the next part begins. */
export interface Part {
  readonly lines: ReadonlyArray<Line>
  /** The byte behind the last of them. */
  readonly next: number
  /** Whether the part begins with the first line, though another was asked for: the file has been written anew. */
  readonly anew: boolean
}

const PART = 1 << 20

/**
 * The lines of a run's metrics from byte `from` on, at most a mebibyte of them: with `from` the `next` of the part
 * before it gives what was written since, while the run goes on. A file that was written anew meanwhile, because the
 * run was gone on with from an earlier step, is given from its beginning. For file systems whose files can be opened
 * and read at any place, as those of Node. Fails with a `DataError` when there is no file, or it cannot be read.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Run } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
 *   const write = (text: string) => files.writeFileString(`${folder}/metrics.jsonl`, text, { flag: "a" })
 *   yield* write(`{"split":"train","step":1,"loss":2}\n`)
 *   const { next } = yield* Run.metricsFrom(folder, 0)
 *   yield* write(`{"split":"train","step":2,"loss":1}\n`)
 *   return (yield* Run.metricsFrom(folder, next)).lines.map(({ step }) => step)
 * })
 * await program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise) // => [2]
 * ```
 */
export const metricsFrom = (folder: string, from: number): Effect.Effect<Part, DataError, FileSystem.FileSystem> => {
  const path = inFolder(folder, metricsFile)
  return Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const file = yield* files.open(path), size = Number((yield* file.stat).size)
    const bytesAt = (start: number) =>
      Effect.map(
        file.readAlloc(Math.min(PART, size - start), { position: BigInt(start) }),
        (bytes) => Option.getOrElse(bytes, () => new Uint8Array(0))
      )
    // A part ends with a line. Where no line ends there is another file by now.
    const bytes = from > 0 && from <= size ? yield* bytesAt(from - 1) : new Uint8Array(0)
    const anew = from > 0 && bytes[0] !== 10
    const read = from === 0 || anew ? yield* bytesAt(0) : bytes.subarray(1), end = read.lastIndexOf(10) + 1
    const texts = new TextDecoder().decode(read.subarray(0, end)).split("\n")
    return {
      lines: texts.map(parseLine).filter((line) => line !== undefined),
      next: (anew ? 0 : from) + end,
      anew
    }
  }).pipe(Effect.scoped, Effect.mapError(fileError(path, "a file of metrics")))
}
