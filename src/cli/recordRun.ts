import { version_core } from "@tensorflow/tfjs-core"
import { Cause, Clock, Effect } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import type { Tree } from "../core/Tree.ts"
import { version } from "../core/version.ts"
import type { Summary } from "../layers/summary.ts"
import type { CommonConfig, RunKind } from "./config.ts"
import type { Plan } from "./plan.ts"
import type { Progress } from "./progress.ts"
import { checkpointOf, isFinished, openMetricsLog, render, writeSummary } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

/**
 * The steps that a training has taken already. Fails with a `UsageError` when a run that is gone on with is finished;
 * one that was killed between its last step and its end has no steps left, and yet what comes after them.
 */
export const stepsTaken = <C extends CommonConfig>(
  { folder, from, isNew }: Plan<C>,
  { kind, steps, trainer }: {
    readonly kind: RunKind<C>
    readonly steps: number
    readonly trainer: { readonly state: Effect.Effect<{ readonly step: number }> }
  }
) =>
  Effect.gen(function*() {
    const { step: taken } = yield* trainer.state
    if (from === undefined || taken < steps) return taken
    if (taken === steps && !isNew && !(yield* isFinished(folder))) return taken
    const run = isNew ? from : folder
    return yield* new UsageError({
      message: `${run} is finished, ${taken} of ${steps} steps: give more --${kind.grows} to go on`
    })
  })

/** Keeps the record of a training in its folder: checkpoint, metrics and summary. */
export const recordRun = <
  C extends CommonConfig,
  T extends Tree & { readonly step: number },
  E1 = never,
  R1 = never,
  E2 = never,
  R2 = never
>(
  { config, folder, from, isNew }: Plan<C>,
  { ended = () => Effect.void, kind, metadata, networks, progress, saved = () => Effect.void, steps, taken, trainer }: {
    readonly kind: RunKind<C>
    readonly trainer: { readonly state: Effect.Effect<T> }
    /** The steps of the whole run, and those that it has taken. */
    readonly steps: number
    readonly taken: number
    /** What the checkpoint says beside the configuration. */
    readonly metadata: Checkpoint.Metadata
    /** What is trained, by name. */
    readonly networks: { readonly [name: string]: Summary }
    readonly progress: Pick<Progress<never>, "say">
    /** What else is done when the state is saved, and when the run has ended before its time. */
    readonly saved?: (state: T) => Effect.Effect<void, E1, R1>
    readonly ended?: (folder: string) => Effect.Effect<unknown, E2, R2>
  }
) =>
  Effect.gen(function*() {
    const file = yield* checkpointOf(folder)
    const write = (state: T) =>
      Effect.andThen(
        Checkpoint.save(state, file, { metadata: { ...kind.toMetadata(config), ...metadata } }),
        saved(state)
      )
    // The first thing in a new folder: as long as it is not there, the folder can still be that of a new run.
    if (isNew) yield* Effect.flatMap(trainer.state, write)
    const log = yield* openMetricsLog(folder, taken)
    const save = Effect.andThen(log.flush, Effect.flatMap(trainer.state, write))
    const versions = { "effect-neuron": version, "tfjs-core": version_core, node: globalThis.process.version }
    const summarize = (status: string, results: object = {}) =>
      Effect.flatMap(trainer.state, ({ step }) =>
        writeSummary(folder, {
          ...{ status, step, steps, config, versions, networks },
          ...(from === undefined ? {} : { resumedFrom: taken }),
          ...results
        }))
    if (isNew) yield* summarize("running")

    const stopped = Effect.gen(function*() {
      const { step } = yield* trainer.state
      yield* save
      yield* summarize("interrupted")
      yield* ended(folder)
      yield* progress.say(`stopped after step ${step}; go on with --resume ${folder}`)
    })
    const failed = (cause: Cause.Cause<unknown>) =>
      Effect.all([log.flush, summarize("failed", { error: render(cause, false) }), ended(folder)])
    /** Runs the training: when it is interrupted, saves and says so; when it fails, the summary says why. */
    const guard = <A, E, R>(training: Effect.Effect<A, E, R>) =>
      training.pipe(
        Effect.onInterrupt(() => Effect.orDie(stopped)),
        Effect.onError((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.ignore(failed(cause)))
      )
    return { log, save, summarize, guard }
  })

/** What an effect gives, and the seconds that it took. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const value = yield* effect
    return { value, seconds: ((yield* Clock.currentTimeMillis) - before) / 1000 }
  })
