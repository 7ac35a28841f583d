import { Effect, Option, Stream } from "effect"
import * as Checkpoint from "../../checkpoint/index.ts"
import * as Datasets from "../../datasets/index.ts"
import * as Metrics from "../../metrics/index.ts"
import * as Pipeline from "../../pipeline/index.ts"
import * as Train from "../../train/index.ts"
import { backendLayer } from "../backend.ts"
import { openBoard } from "../board.ts"
import { called, quoted } from "../called.ts"
import { linesOf } from "../networks.ts"
import { makePlan } from "../plan.ts"
import type { Plan, TrainOptions } from "../plan.ts"
import { makeProgress, sayer } from "../progress.ts"
import type { Shown } from "../progress.ts"
import { recordRun, resumeCommand, stepsTaken } from "../recordRun.ts"
import { writeAdversarial } from "../report/adversarial/write.ts"
import { checkNewFolder } from "../runFolder.ts"
import { UsageError } from "../UsageError.ts"
import { ganBoard } from "./board.ts"
import { adversarial, RANGE } from "./config.ts"
import type { GanConfig } from "./config.ts"
import { describe, openJudge } from "./judge.ts"
import type { Measured } from "./measures.ts"
import { initOf, metadataOf, networksOf, stepOf, summariesOf } from "./networks.ts"
import { sampleWriter } from "./samples.ts"

const SHUFFLE_BUFFER = 10_000, PREFETCH = 2, JUDGED = 1000

/** What `gan train` is asked for. */
export type GanTrainOptions = TrainOptions<GanConfig> & {
  readonly sampleEvery: number
  /** A run folder of `effect-neuron train`, whose model judges the images. */
  readonly classifier: Option.Option<string>
}

/** Trains two networks against each other, and leaves a run folder behind. */
export const ganTrain = (options: GanTrainOptions) =>
  Effect.gen(function*() {
    const plan = yield* makePlan(adversarial, options, sayer(options.json))
    yield* runPlan(plan, options).pipe(
      Effect.scoped,
      Effect.provide(backendLayer(plan.config.backend, options.threads))
    )
  })

/** Means since the start of the epoch. */
type Means = Shown & Measured

const runPlan = (plan: Plan<GanConfig>, options: GanTrainOptions) =>
  Effect.gen(function*() {
    const { config, dataset, folder, from } = plan, { batchSize, criticSteps, latent, seed, steps } = config
    const batches = Math.floor(dataset.sizes.train / batchSize)
    if (batches === 0) {
      return yield* new UsageError({
        message: `--batch-size ${batchSize}: expected at most the ${dataset.sizes.train} examples of ${config.dataset}`
      })
    }
    const progress = yield* makeProgress<Means>({
      steps,
      examplesPerStep: batchSize * criticSteps,
      part: ({ step }) => [step, steps],
      describe: ({ criticLoss, fakeScore, generatorLoss, realScore, step }) => [
        `step ${step}/${steps}`,
        `critic ${criticLoss.toFixed(4)}`,
        `generator ${generatorLoss.toFixed(4)}`,
        `scores ${realScore.toFixed(2)} real, ${fakeScore.toFixed(2)} generated`
      ]
    }, options.json)
    // Before the folder is made: what is wrong with the classifier leaves nothing behind.
    const networks = networksOf(config)
    const judge = yield* Option.match(options.classifier, {
      onNone: () => Effect.succeed(undefined),
      onSome: (classifier) => openJudge({ classifier, config, networks, dataset, images: JUDGED })
    })
    if (plan.isNew) yield* checkNewFolder(folder)

    const init = initOf(config, networks)
    const trainer = yield* Train.make(
      from === undefined ? init : Checkpoint.load(from, init),
      stepOf(config, networks)
    )
    const taken = yield* stepsTaken(plan, { kind: adversarial, steps, trainer })
    const board = ganBoard(yield* openBoard(options.tensorboard, from === undefined ? undefined : taken), config)
    const made = yield* summariesOf(config, networks)
    const { guard, log, now, through, write } = yield* recordRun(plan, {
      kind: adversarial,
      metadata: metadataOf(config, networks),
      ...{ steps, trainer, networks: made, progress, every: options.checkpointEvery },
      ...{ classes: dataset.classes, shapes: dataset.shapes, threads: options.threads },
      ...{ saved: board.saved, ended: writeAdversarial }
    })
    const paint = sampleWriter(folder, config, networks, trainer)
    const draw = (step: number) =>
      Effect.gen(function*() {
        const { isNew, picture } = yield* paint(step)
        if (step > taken || isNew) yield* board.drawn(step, picture)
        if (judge === undefined) return
        const judged = yield* Effect.flatMap(trainer.state, judge), line = { split: "judged", step, ...judged }
        // A run that was stopped behind a judgment has its line.
        if (step > taken || log.last.get("judged")?.step !== step) {
          write(line)
          yield* board.judged(step, judged)
        }
        yield* progress.emit(line)
        yield* progress.say(`judged at step ${step}  ${describe(judged)}`)
      })
    yield* progress.say(
      `${from === undefined ? "training" : `going on from ${from} at step ${taken + 1} with`} ${config.model} by ` +
        `${config.loss} on ` +
        `${config.dataset}: ${dataset.sizes.train.toLocaleString("en-US")} examples, batches of ${batchSize}, ` +
        `${criticSteps} of them for a step, seed ${seed}`
    )
    if (from === undefined) yield* Effect.forEach(linesOf(made), progress.say, { discard: true })

    // A run that was stopped between a step and its picture draws it now.
    const first = taken % options.sampleEvery === 0 ? draw(taken) : Effect.void
    const trained = dataset.train.pipe(
      Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed }),
      Pipeline.batch(batchSize, { dropRemainder: true }),
      Pipeline.normalize({ to: RANGE }),
      Pipeline.epochs(Infinity, { skip: taken * criticSteps, length: batches }),
      Pipeline.withNoise(Datasets.noise({ shape: [latent], seed, from: taken * (criticSteps + 1) * batchSize }), {
        criticSteps
      }),
      Stream.take(steps - taken),
      Pipeline.prefetch(PREFETCH),
      trainer.run,
      through,
      Metrics.throughput(),
      Stream.tap(board.step),
      Stream.tap(({ step }) => step % options.sampleEvery === 0 || step === steps ? draw(step) : Effect.void),
      Metrics.running(),
      Stream.tap(progress.step),
      Stream.runDrain
    )
    yield* guard(first)
    yield* Effect.andThen(trained, board.flush)
    const { results = {}, seconds } = now()
    yield* writeAdversarial(folder)
    yield* progress.emit({ step: steps, folder, ...results, seconds })
    yield* Effect.forEach([
      `${folder}: samples (pictures), model.safetensors (both networks, their optimizers, step), ` +
      "metrics.jsonl (a line per step), run.json, report.html (samples, judgments, curves)",
      `sample: ${called("effect-neuron gan sample")} ${quoted(folder)} --out grid.png`,
      `train on: ${resumeCommand(adversarial.command, folder)} --steps ${2 * steps}`
    ], progress.say)
  })
