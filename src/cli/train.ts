import { Effect, Stream } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import * as Key from "../core/Key.ts"
import * as Layers from "../layers/index.ts"
import * as Losses from "../losses/index.ts"
import * as Metrics from "../metrics/index.ts"
import * as Pipeline from "../pipeline/index.ts"
import * as Train from "../train/index.ts"
import { backendLayer } from "./backend.ts"
import { openBoard } from "./board.ts"
import { called, quoted } from "./called.ts"
import { supervised } from "./config.ts"
import type { RunConfig } from "./config.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"
import { linesOf } from "./networks.ts"
import { makePlan } from "./plan.ts"
import type { Plan, TrainOptions } from "./plan.ts"
import { makeProgress, sayer } from "./progress.ts"
import type { Progress, Shown } from "./progress.ts"
import { recordRun, resumeCommand, stepsTaken, timed } from "./recordRun.ts"
import { testModel } from "./report/supervised/testModel.ts"
import { writeSupervised } from "./report/supervised/write.ts"
import { checkNewFolder } from "./runFolder.ts"
import { supervisedBoard } from "./supervisedBoard.ts"

const EVALUATION_BATCH = 250, SHUFFLE_BUFFER = 10_000, PREFETCH = 2

/** Trains, tests, and leaves a run folder behind. */
export const train = (options: TrainOptions<RunConfig>) =>
  Effect.gen(function*() {
    const plan = yield* makePlan(supervised, options, sayer(options.json))
    yield* runPlan(plan, options).pipe(
      Effect.scoped,
      Effect.provide(backendLayer(plan.config.backend, options.threads))
    )
  })

/** Means since the start of the epoch. */
type Means = Shown & { readonly loss: number; readonly accuracy: number }

const runPlan = (plan: Plan<RunConfig>, options: TrainOptions<RunConfig>) =>
  Effect.gen(function*() {
    const { config, dataset, folder, from } = plan
    const stepsPerEpoch = Math.ceil(dataset.sizes.train / config.batchSize), steps = config.epochs * stepsPerEpoch
    const progress = yield* makeProgress<Means>({
      steps,
      examplesPerStep: config.batchSize,
      part: ({ epoch, step }) => [step - epoch * stepsPerEpoch, stepsPerEpoch],
      describe: ({ accuracy, epoch, loss, step }) => [
        `epoch ${epoch + 1}/${config.epochs}`,
        `step ${step - epoch * stepsPerEpoch}/${stepsPerEpoch}`,
        `loss ${loss.toFixed(4)}`,
        `accuracy ${(100 * accuracy).toFixed(2)} %`
      ]
    }, options.json)
    if (plan.isNew) yield* checkNewFolder(folder)

    const model = modelOf(config), optimizer = optimizerOf(config, steps)
    const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const
    const init = Train.init({ model, optimizer, input: IMAGE, key: Key.make(config.seed) })
    const trainer = yield* Train.make(
      from === undefined ? init : Checkpoint.load(from, init),
      Train.supervised({ ...supervision, optimizer })
    )
    const taken = yield* stepsTaken(plan, { kind: supervised, steps, trainer })
    const board = supervisedBoard(yield* openBoard(options.tensorboard, from === undefined ? undefined : taken))
    const networks = { model: yield* Layers.summary(model, IMAGE) }
    const { guard, happened, log, now, through, write } = yield* recordRun(plan, {
      kind: supervised,
      metadata: Checkpoint.describe(model, { input: IMAGE }),
      ...{ steps, stepsPerEpoch, trainer, networks, progress, every: options.checkpointEvery },
      ...{ classes: dataset.classes, shapes: dataset.shapes, threads: options.threads },
      saved: board.saved,
      ended: (folder: string) => writeSupervised(folder)
    })
    yield* progress.say(
      `${from === undefined ? "training" : `going on from ${from} at step ${taken + 1} with`} ${config.model} on ` +
        `${config.dataset}: ` +
        `${dataset.sizes.train.toLocaleString("en-US")} examples, batches of ${config.batchSize}, seed ${config.seed}`
    )
    if (from === undefined) yield* Effect.forEach(linesOf(networks), progress.say, { discard: true })

    const trained = dataset.train.pipe(
      Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed: config.seed }),
      Pipeline.batch(config.batchSize),
      Pipeline.epochs(config.epochs, { skip: taken, length: stepsPerEpoch }),
      Pipeline.prefetch(PREFETCH),
      trainer.run,
      through,
      Stream.tap((metrics) => Effect.flatMap(trainer.state, (state) => board.step(metrics, state))),
      Metrics.running(),
      Metrics.throughput(),
      Stream.tap(progress.step),
      Stream.runDrain
    )
    const tested = Effect.flatMap(trainer.state, (state) =>
      dataset.test.pipe(
        Pipeline.batch(EVALUATION_BATCH),
        Train.evaluate(supervision, state),
        Effect.tap((result) => {
          // A run whose report is missing is tested once more.
          if (log.last.get("test")?.step !== state.step) write({ split: "test", step: state.step, ...result })
          return log.flush
        })
      ))
    yield* trained
    const test = yield* guard(timed(tested)),
      { results: { train = {} } = {}, seconds: { train: trainSeconds = 0 } = {} } = now()
    const seconds = { train: trainSeconds, test: test.seconds, total: trainSeconds + test.seconds }
    yield* happened("test", { results: { test: test.value }, seconds })
    const results = { train, test: test.value, seconds }
    const shown = yield* Effect.flatMap(trainer.state, (state) => testModel(model, state, dataset))
    yield* Effect.andThen(board.tested(test.value, shown), writeSupervised(folder, shown))
    yield* progress.emit({ split: "test", step: steps, folder, ...results })
    yield* sayResult(folder, config.epochs, test.value, progress)
  })

const sayResult = (
  folder: string,
  epochs: number,
  test: { readonly size: number; readonly loss: number; readonly accuracy: number },
  { say }: Progress<Means>
) =>
  Effect.forEach(
    [
      `test accuracy ${(100 * test.accuracy).toFixed(2)} %, loss ${test.loss.toFixed(4)}, ` +
      `on ${test.size.toLocaleString("en-US")} examples that it has never seen`,
      `${folder}: model.safetensors (weights, optimizer, step), metrics.jsonl (a line per step), run.json, ` +
      "report.html (curves, confusion matrix, worst mistakes)",
      `predict: ${called("effect-neuron predict")} ${quoted(folder)} digit.png`,
      `train on: ${resumeCommand(supervised.command, folder)} --epochs ${epochs + 2}`
    ],
    say,
    { discard: true }
  )
