import { version_core } from "@tensorflow/tfjs-core"
import { Cause, Clock, Effect } from "effect"
import type { Tree } from "../core/Tree.ts"
import { version } from "../core/version.ts"
import * as Checkpoint from "../train/checkpoint.ts"
import type { CommonConfig, RunKind } from "./config.ts"
import type { Plan } from "./plan.ts"
import type { Progress } from "./progress.ts"
import { checkpointOf, openMetricsLog, render, writeSummary } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

/**
 * Keeps the record of a training in its folder: checkpoint, metrics and summary. Fails with a `UsageError` when a run
 * that is gone on with has taken its steps already.
 */
export const recordRun = <C extends CommonConfig, T extends Tree & { readonly step: number }>(
  { config, folder, resumed }: Plan<C>,
  { kind, metadata, progress, steps, trainer }: {
    readonly kind: RunKind<C>
    readonly trainer: { readonly state: Effect.Effect<T> }
    /** The steps of the whole run. */
    readonly steps: number
    /** What the checkpoint says beside the configuration. */
    readonly metadata: Checkpoint.Metadata
    readonly progress: Pick<Progress<never>, "say">
  }
) =>
  Effect.gen(function*() {
    const { step: taken } = yield* trainer.state
    if (resumed && taken >= steps) {
      return yield* new UsageError({
        message: `${folder} is finished, ${taken} of ${steps} steps: give more --${kind.grows} to go on`
      })
    }
    const log = yield* openMetricsLog(folder, taken), file = yield* checkpointOf(folder)
    const save = Effect.flatMap(trainer.state, (state) =>
      Effect.andThen(log.flush, Checkpoint.save(file, state, { ...kind.toMetadata(config), ...metadata })))
    const versions = { "effect-neuron": version, "tfjs-core": version_core, node: globalThis.process.version }
    const summarize = (status: string, results: object = {}) =>
      Effect.flatMap(trainer.state, ({ step }) =>
        writeSummary(folder, { status, step, config, versions, ...results }))
    if (!resumed) yield* Effect.andThen(save, summarize("running"))

    const stopped = Effect.gen(function*() {
      const { step } = yield* trainer.state
      yield* save
      yield* summarize("interrupted")
      yield* progress.say(`stopped after step ${step}; go on with --resume ${folder}`)
    })
    const failed = (cause: Cause.Cause<unknown>) =>
      Effect.andThen(log.flush, summarize("failed", { error: render(cause, false) }))
    /** Runs the training: when it is interrupted, saves and says so; when it fails, the summary says why. */
    const guard = <A, E, R>(training: Effect.Effect<A, E, R>) =>
      training.pipe(
        Effect.onInterrupt(() => Effect.orDie(stopped)),
        Effect.onError((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.ignore(failed(cause)))
      )
    return { taken, log, save, summarize, guard }
  })

/** What an effect gives, and the seconds that it took. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const value = yield* effect
    return { value, seconds: ((yield* Clock.currentTimeMillis) - before) / 1000 }
  })
