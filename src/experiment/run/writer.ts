import { version_core } from "@tensorflow/tfjs-core"
import { DateTime, Effect, FileSystem, Stream } from "effect"
import type { Path, Scope } from "effect"
import { bestFileName, fileName, inFolder, list, refuseLater } from "../../checkpoint/folder.ts"
import { stepOf } from "../../checkpoint/saving.ts"
import type { State as Saveable } from "../../checkpoint/saving.ts"
import { DataError } from "../../core/errors.ts"
import type { CheckpointError } from "../../core/errors.ts"
import { fileError, removePartials, writeBytes } from "../../core/files.ts"
import type { Lender } from "../../core/lender.ts"
import { version } from "../../core/version.ts"
import { metricsFile, reportFile, runFile } from "./format.ts"
import type { Run } from "./format.ts"
import { next } from "./lifecycle.ts"
import type { Event } from "./lifecycle.ts"
import { plain } from "./lines.ts"
import type { Line } from "./lines.ts"
import { hold, isLock } from "./lock.ts"
import { openLog } from "./log.ts"
import type { MetricsLog } from "./log.ts"
import { find } from "./read.ts"
import type { RunBusy } from "./RunBusy.ts"

type Files = FileSystem.FileSystem | Path.Path

/** What a program says of its run, in the words of `run.json`. */
export interface About extends
  Partial<
    Pick<Run, "experiment" | "kind" | "name" | "note" | "command" | "resume" | "steps" | "stepsPerEpoch" | "config">
  >,
  Partial<Pick<Run, "backend" | "threads" | "file" | "shapes" | "sizes" | "classes" | "show" | "networks">>
{}

/** What is written of a run that it does not say itself. */
export type Said = About & Pick<Run, "model" | "patienceFrom">

/** What changes with an event beside the state. */
export interface Change {
  readonly reason?: string
  readonly results?: Exclude<Run["results"], undefined>
  readonly seconds?: Partial<Exclude<Run["seconds"], undefined>>
}

/** A run that this process writes, and nobody else as long as the Scope is open. */
export interface Writer {
  readonly folder: string
  /** What the folder said of the run before; nothing of a new one. */
  readonly before: Run | undefined
  /** The step from which it goes on, 0 for one that begins. */
  readonly start: number
  readonly log: MetricsLog
  /** What the run says now. */
  readonly now: () => Run
  /** Writes that something has happened. An event that cannot happen in the state of the run changes no state. */
  readonly happened: (event: Event, change?: Change) => Effect.Effect<void, DataError, Files>
}

export const isOurs = (name: string): boolean =>
  [fileName, bestFileName, runFile, metricsFile, reportFile].includes(name) || isLock(name)

/** Whether a run went on to its end, so that what there is of it is not to be begun anew. */
const isDone = ({ state }: Run): boolean => state === "finished" || state === "tested"

/** Refuses a folder with what a training that begins at `start` has not done. */
const check = (folder: string, before: Run | undefined, { experiment }: About, start: number) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, metrics = inFolder(folder, metricsFile)
    const refuse = (expected: string, actual: string) => new DataError({ source: folder, expected, actual })
    const [newest] = yield* list(folder)
    if (newest !== undefined && newest.step > start) return yield* refuseLater(folder, newest, start)
    if (before === undefined) {
      const isThere = yield* Effect.mapError(files.exists(metrics), fileError(metrics, "a file of a run"))
      return isThere ? yield* refuse("the folder of a run", `${metricsFile} without its ${runFile}`) : undefined
    }
    if (experiment !== undefined && experiment !== before.experiment) {
      return yield* refuse(`a run of ${experiment}`, `one of ${before.experiment}`)
    }
    if (isDone(before) && before.step > start) {
      return yield* refuse(
        `a folder for a training that begins at step ${start}`,
        `a run that is ${before.state}, of ${before.step} steps`
      )
    }
  })

/** Whether a line stays when a run goes on after a step: later steps are taken again. */
const stays = (start: number) => ({ step }: Line): boolean => step <= start

/** What a run that goes on says as it begins; what it measured at another step is that of another end. */
const goingOn = (before: Run, start: number): Partial<Run> => {
  const { results: { best, ...results } = {}, seconds, step } = before
  const ended = new Set(["reason", "results", "resumedFrom", "seconds"])
  return {
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !ended.has(name))),
    // How long it took all together is not known before it is over again.
    ...(seconds === undefined ? {} : { seconds: { train: seconds.train } }),
    results: { ...(step === start ? results : {}), ...(best === undefined || start === 0 ? {} : { best }) }
  }
}

/** Writes what a run says, all of it or nothing. */
export const writeRun = (folder: string, run: Run): Effect.Effect<void, DataError, Files> =>
  Effect.suspend(() => {
    const text = `${JSON.stringify(run, plain, 2)}\n`
    return writeBytes(inFolder(folder, runFile), Stream.succeed(new TextEncoder().encode(text)))
  }).pipe(Effect.uninterruptible)

/**
 * Opens the folder of a run for writing: a new one, or one that goes on from the state that the trainer has. Lines of
 * later steps are cut off.
 *
 * Fails with `RunBusy` when another process writes the run, with a `CheckpointError` when the folder has a checkpoint
 * of a later step, and with a `DataError` when it has another run, or cannot be written to.
 */
export const openWriter = (
  folder: string,
  trainer: Lender<Saveable>,
  about: Said
): Effect.Effect<Writer, RunBusy | DataError | CheckpointError, Files | Scope.Scope> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), fileError(folder, "a folder to write to"))
    yield* hold(folder)
    const before = yield* find(folder), start = yield* stepOf(trainer)
    yield* check(folder, before, about, start)
    yield* removePartials(folder, isOurs)

    const at = DateTime.formatIso(yield* DateTime.now)
    const node = (globalThis as { readonly process?: { readonly version?: string } }).process?.version
    let run: Run = {
      ...{ experiment: folder.replace(/\/+$/, "").replace(/^.*[/\\]/, ""), kind: "other", config: {} },
      ...(before === undefined ? {} : goingOn(before, start)),
      ...about,
      // The command that made it is the first one.
      ...(before?.command === undefined ? {} : { command: before.command }),
      format: 1,
      state: next(before?.state ?? "starting", "start") ?? "starting",
      created: before?.created ?? at,
      updated: at,
      step: start,
      ...(start === 0 ? {} : { resumedFrom: start }),
      versions: {
        ...{ "effect-neuron": version, "tfjs-core": version_core },
        ...(node === undefined ? {} : { node })
      }
    }
    const write = Effect.suspend(() => writeRun(folder, run))
    yield* write
    const log = yield* openLog(folder, stays(start))
    return {
      folder,
      before,
      start,
      log,
      now: () => run,
      happened: (event, { reason, results, seconds } = {}) =>
        Effect.gen(function*() {
          const updated = DateTime.formatIso(yield* DateTime.now)
          run = {
            ...run,
            state: next(run.state, event) ?? run.state,
            step: yield* stepOf(trainer),
            updated,
            ...(reason === undefined ? {} : { reason }),
            ...(results === undefined ? {} : { results: { ...run.results, ...results } }),
            ...(seconds === undefined ? {} : { seconds: { train: 0, ...run.seconds, ...seconds } })
          }
          yield* write
        })
    }
  })
