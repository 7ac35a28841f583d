import { Cause, Clock, Effect, FileSystem, Path, Stream } from "effect"
import type { Scope } from "effect"
import type { Backend } from "../backend/Backend.ts"
import * as Checkpoint from "../checkpoint/index.ts"
import { stepOf } from "../checkpoint/saving.ts"
import type { DataError, TensorError } from "../core/errors.ts"
import { ending, judgingOf } from "../experiment/ending.ts"
import type { ExperimentTrainer, Opened, StepMetrics } from "../experiment/index.ts"
import { toMetadata } from "../experiment/reference.ts"
import { count, words } from "../experiment/report/numbers.ts"
import { writeReport } from "../experiment/report/write.ts"
import { describedIn } from "../experiment/run/described.ts"
import { reportFile } from "../experiment/run/format.ts"
import type { Run } from "../experiment/run/format.ts"
import { find } from "../experiment/run/read.ts"
import { openRecorder } from "../experiment/run/recorder.ts"
import * as Metrics from "../metrics/index.ts"
import * as Train from "../train/index.ts"
import { backendLayer } from "./backend.ts"
import { openBoard } from "./board.ts"
import { Arguments, called, quoted } from "./called.ts"
import { drawing } from "./drawing.ts"
import type { Judge } from "./drawing.ts"
import { earlierValidations } from "./earlyStop.ts"
import { experimentBoard } from "./experimentBoard.ts"
import { flaggedOf } from "./experimentFlags.ts"
import { flagNameOf } from "./fieldFlags.ts"
import { measuredIn, shown } from "./figures.ts"
import { linesOf } from "./networks.ts"
import { openWith } from "./openRun.ts"
import { makeProgress } from "./progress.ts"
import type { Part, Shown } from "./progress.ts"
import { render } from "./runFolder.ts"
import type { Plan, TrainOptions } from "./runPlan.ts"
import { beginning, conclusion, goingOn } from "./saying.ts"
import { stopping } from "./stopping.ts"
import { ThrownLater } from "./thrownLater.ts"
import { UsageError } from "./UsageError.ts"

type Files = FileSystem.FileSystem | Path.Path

/** How a training is drawn and judged on its way. */
interface Looking<E> {
  readonly sampleEvery?: number
  /** Who judges what is made, opened before anything is written. */
  readonly openJudge?: (opened: Opened<Files>) => Effect.Effect<Judge<E>, E, Files | Backend | Scope.Scope>
}

/** Trains a plan, tests it, and leaves a run folder behind. */
export const trainPlan = <E = never>(plan: Plan, options: TrainOptions & Looking<E>) =>
  run(plan, options).pipe(Effect.scoped, Effect.provide(backendLayer(plan.reference.backend, options.threads)))

type Means = Shown & { readonly [name: string]: unknown }

/** How a training is counted: by the epochs of a pass over its examples, or by its steps. */
const counting = (
  { found: { experiment } }: Plan,
  { steps, stepsPerEpoch }: Pick<Opened, "steps" | "stepsPerEpoch">
) => {
  const epochs = Math.ceil(steps / stepsPerEpoch), byEpoch = experiment.grows === "epochs"
  const part = ({ epoch, step }: Shown) =>
    byEpoch ? [step - epoch * stepsPerEpoch, stepsPerEpoch] as const : [step, steps] as const
  return {
    part,
    /** What is shown of a step, what matters most first. */
    describe: (metrics: Means): ReadonlyArray<Part> => {
      const [taken, of] = part(metrics), { validation } = metrics
      return [
        ...(byEpoch ? [[`epoch ${metrics.epoch + 1}/${epochs}`, 3] as const] : []),
        [`step ${count(taken)}/${count(of)}`, 7],
        ...figuresOf(metrics, "", [6, 5]),
        ...(typeof validation === "object" && validation !== null ? figuresOf(validation, "validation ", [3, 2]) : [])
      ]
    }
  }
}

/** At most four figures, the loss first, with how much the first one and the others matter. */
const figuresOf = (figures: object, prefix: string, [first, others]: readonly [number, number]): ReadonlyArray<Part> =>
  measuredIn(figures as { readonly [name: string]: unknown }).toReversed().slice(0, 4)
    .map((
      [name, value],
      i
    ) => [`${i === 0 ? prefix : ""}${words(name)} ${shown(name, value)}`, i === 0 ? first : others])

const run = <E>(plan: Plan, options: TrainOptions & Looking<E>) =>
  Effect.gen(function*() {
    const { folder, found: { experiment }, from, reference } = plan
    const opened = yield* openWith(experiment, reference.config)
    const { about, batches, batchSize, init, metadata, step, steps, stepsPerEpoch, validating } = opened
    const progress = yield* makeProgress<Means>(
      { steps, examplesPerStep: batchSize, ...counting(plan, opened) },
      options.json
    )
    // Before the folder is made: what is wrong with a judge leaves nothing behind.
    const judge = options.openJudge === undefined ? undefined : yield* options.openJudge(opened)
    const trainer: ExperimentTrainer = yield* Train.make(from === undefined ? init : Checkpoint.load(from, init), step)
    const taken = yield* stepOf(trainer), before = plan.isNew ? undefined : yield* find(folder)
    const hasGrown = before !== undefined && before.config[experiment.grows] !== reference.config[experiment.grows]
    if (taken >= steps || !hasGrown) yield* refuseOver(plan, opened, before, taken)

    const log = yield* openBoard(options.tensorboard, from === undefined ? undefined : taken)
    const board = experimentBoard(log)
    const { reason: interruptedBy } = yield* ThrownLater
    const args = yield* Arguments, resume = `${called("effect-neuron train")} --resume ${quoted(folder)}`
    const judging = judgingOf(opened)
    const ended = (event: "stop" | "fail") =>
      Effect.gen(function*() {
        yield* Effect.ignore(writeReport(folder))
        yield* progress.say(`${event === "stop" ? "stopped" : "failed"} ${yield* goingOn(folder, trainer)}: ${resume}`)
      })
    // How the layers are put together, for a picture, follows from the description.
    const { models: _, ...said } = about, model = describedIn(metadata)
    const recorder = yield* openRecorder<StepMetrics, DataError | TensorError, Files | Backend>(folder, {
      ...{ every: options.checkpointEvery, trainer, ended, interruptedBy, ...judging },
      about: {
        ...said,
        ...(model === undefined ? {} : { model }),
        ...{ experiment: experiment.name, kind: experiment.kind, config: reference.config, steps, stepsPerEpoch },
        ...{ backend: reference.backend, threads: options.threads, resume },
        ...(reference.file === undefined ? {} : { file: reference.file }),
        ...(hasGrown ? { patienceFrom: taken } : {}),
        command: called(`effect-neuron ${args.map(quoted).join(" ")}`)
      },
      metadata: { ...metadata, ...toMetadata(reference) },
      saved: trainer.use(board.saved)
    })
    const failed = (reason: string) =>
      Effect.ignore(Effect.andThen(recorder.happened("fail", { reason }), ended("fail")))
    const interrupted = Effect.suspend(() => {
      const reason = interruptedBy()
      return reason === undefined
        ? Effect.ignore(Effect.andThen(recorder.happened("stop"), ended("stop")))
        : failed(reason)
    })
    /** What comes beside the steps: when it fails, the run says why. */
    const guard = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(
        Effect.onInterrupt(() => interrupted),
        Effect.onError((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : failed(render(cause, false)))
      )
    const draw = drawing(opened, { judge, sampleEvery: options.sampleEvery, log, progress, recorder, trainer })

    yield* guard(Effect.gen(function*() {
      yield* progress.say(beginning(plan, opened, taken))
      if (from !== undefined) return
      if (Object.keys(about.networks).length > 0) {
        yield* Effect.forEach(linesOf(about.networks), progress.say, { discard: true })
      }
      yield* trainer.use(board.saved)
    }))
    const { patienceFrom } = recorder.now()
    const earlier = yield* earlierValidations(folder, {
      ...judging,
      taken,
      ...(patienceFrom === undefined ? {} : { patienceFrom })
    })
    yield* guard(draw(taken))
    yield* stopping((isStopping) =>
      validating(batches(taken).pipe(trainer.run), trainer).pipe(
        ending(opened, earlier),
        recorder.through,
        Stream.tap((metrics) => trainer.use((state) => board.step(metrics, state))),
        Stream.tap(({ step }) => step > taken ? draw(step) : Effect.void),
        Metrics.running() as <A>(self: A) => A,
        Metrics.throughput() as <A>(self: A) => A,
        Stream.tap((metrics) => progress.step(metrics as unknown as Means)),
        Stream.takeUntil(isStopping),
        Stream.runDrain
      )
    )
    const test = opened.evaluate === undefined || about.sizes.test === 0 ? undefined : yield* guard(
      Effect.gen(function*() {
        const began = yield* Clock.currentTimeMillis, step = yield* stepOf(trainer)
        const figures = yield* opened.evaluate!("test", trainer)
        const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
        // A run whose report is missing is tested once more.
        if (recorder.log.last.get("test")?.step !== step) recorder.write({ split: "test", step, ...figures })
        yield* recorder.log.flush
        const { seconds: { train = 0 } = {} } = recorder.now()
        yield* recorder.happened("test", {
          results: { test: figures },
          seconds: { train, test: seconds, total: train + seconds }
        })
        return figures
      })
    )
    const examined = test === undefined
      ? undefined
      : yield* guard(opened.examine?.("test", trainer) ?? Effect.undefined)
    if (test !== undefined) yield* board.tested(yield* stepOf(trainer), test, examined)
    yield* log.flush
    yield* writeReport(
      folder,
      test === undefined ? undefined : { figures: test, ...(examined === undefined ? {} : { examined }) }
    )
    const { results = {}, seconds } = recorder.now()
    yield* progress.emit({ step: yield* stepOf(trainer), folder, ...results, seconds })
    yield* Effect.forEach(conclusion(plan, opened, recorder.now(), yield* stepOf(trainer)), progress.say, {
      discard: true
    })
  })

/** Refuses a run that has come to its end; one that was killed before its test or its report goes on to them. */
const refuseOver = (
  { folder, from, found, isNew }: Plan,
  { about, steps }: Pick<Opened, "about" | "steps">,
  before: Run | undefined,
  taken: number
) =>
  Effect.gen(function*() {
    if (from === undefined) return
    const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const last = about.sizes.test === 0 ? ["finished", "tested"] : ["tested"]
    const isReported = yield* Effect.orElseSucceed(files.exists(join(folder, reportFile)), () => false)
    const isOver = before !== undefined && last.includes(before.state) && isReported
    if (isNew ? taken < steps : taken <= steps && !isOver) return
    const early = taken < steps ? ", where patience ended it" : ""
    return yield* new UsageError({
      message: `${isNew ? from : folder} is finished, ${taken} of ${steps} steps${early}: give more ` +
        `--${flagNameOf(found.experiment.grows, flaggedOf(found.experiment))} to go on`
    })
  })
