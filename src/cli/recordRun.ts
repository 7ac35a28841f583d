import { Cause, Clock, Effect, FileSystem, Path } from "effect"
import type * as Checkpoint from "../checkpoint/index.ts"
import { stepOf } from "../checkpoint/saving.ts"
import { using } from "../core/lender.ts"
import type { Lender } from "../core/lender.ts"
import type { Tree } from "../core/Tree.ts"
import { reportFile } from "../experiment/run/format.ts"
import type { Run } from "../experiment/run/format.ts"
import { find } from "../experiment/run/read.ts"
import { openRecorder } from "../experiment/run/recorder.ts"
import { Arguments, called, quoted } from "./called.ts"
import type { CommonConfig, RunKind } from "./config.ts"
import type { Plan } from "./plan.ts"
import type { Progress } from "./progress.ts"
import { render } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

/** The command that goes on with the run in a folder, as it can be typed. */
export const resumeCommand = (command: string, folder: string): string =>
  `${called(command)} --resume ${quoted(folder)}`

/** Whether a run came to its end, with all that comes after its last step. */
const isOver = (folder: string, run: Run | undefined) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    if (run?.state !== (run?.kind === "adversarial" ? "finished" : "tested")) return false
    return yield* Effect.orElseSucceed(files.exists(join(folder, reportFile)), () => false)
  })

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
    if (taken === steps && !isNew && !(yield* isOver(folder, yield* find(folder)))) return taken
    const run = isNew ? from : folder
    return yield* new UsageError({
      message: `${run} is finished, ${taken} of ${steps} steps: give more --${kind.grows} to go on`
    })
  })

/** Keeps the record of a training in its folder, as `Run.record` does, and says so when it ends before its end. */
export const recordRun = <
  C extends CommonConfig,
  T extends Tree & { readonly step: number },
  E1 = never,
  R1 = never,
  E2 = never,
  R2 = never
>(
  { config, folder }: Plan<C>,
  { ended, every, kind, progress, saved, threads, trainer, ...options }:
    & {
      readonly kind: RunKind<C>
      readonly trainer: Lender<T>
      readonly every: number
      readonly threads: number
      /** What the checkpoint says beside the configuration. */
      readonly metadata: Checkpoint.Metadata
      readonly progress: Pick<Progress<never>, "say">
      /** What else is done when the state is saved, and when the run has ended before its time. */
      readonly saved: (state: T) => Effect.Effect<void, E1, R1>
      readonly ended: (folder: string) => Effect.Effect<unknown, E2, R2>
    }
    & Pick<Run, "steps" | "stepsPerEpoch" | "networks" | "classes" | "shapes">
) =>
  Effect.gen(function*() {
    const { metadata, ...about } = options, args = yield* Arguments
    const over = (event: "stop" | "fail") =>
      Effect.gen(function*() {
        yield* ended(folder)
        if (event === "fail") return
        yield* progress.say(`stopped after step ${yield* stepOf(trainer)}; go on with --resume ${quoted(folder)}`)
      })
    const recorder = yield* openRecorder<{ readonly step: number }, E1 | E2, R1 | R2>(folder, {
      ...{ every, trainer, monitor: () => undefined },
      about: {
        ...{ experiment: config.dataset, kind: kind.kind, config, backend: config.backend, threads, ...about },
        command: called(`effect-neuron ${args.map(quoted).join(" ")}`),
        resume: resumeCommand(kind.command, folder)
      },
      metadata: { ...kind.toMetadata(config), ...metadata },
      saved: using(trainer, saved),
      ended: over
    })
    // What it begins with, which is not worth a checkpoint.
    if (recorder.start === 0) yield* using(trainer, saved)
    /** Runs what comes after the last step: when it fails, the run says why. */
    const guard = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(
        Effect.onInterrupt(() => Effect.orDie(Effect.andThen(recorder.happened("stop"), over("stop")))),
        Effect.onError((cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.void
            : Effect.ignore(Effect.andThen(recorder.happened("fail", { reason: render(cause, false) }), over("fail")))
        )
      )
    return { ...recorder, guard }
  })

/** What an effect gives, and the seconds that it took. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const value = yield* effect
    return { value, seconds: ((yield* Clock.currentTimeMillis) - before) / 1000 }
  })
