import { version_core } from "@tensorflow/tfjs-core"
import { Cause, Clock, Effect, Stream } from "effect"
import * as Key from "../core/Key.ts"
import { version } from "../core/version.ts"
import * as Losses from "../losses/index.ts"
import * as Metrics from "../metrics/index.ts"
import * as Pipeline from "../pipeline/index.ts"
import * as Checkpoint from "../train/checkpoint.ts"
import * as Train from "../train/index.ts"
import { backendLayer } from "./backend.ts"
import { toMetadata } from "./config.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"
import { makePlan } from "./plan.ts"
import type { Plan, TrainOptions } from "./plan.ts"
import { makeProgress } from "./progress.ts"
import type { Progress } from "./progress.ts"
import { checkpointOf, createRunFolder, openMetricsLog, removePartials, render, writeSummary } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

const EVALUATION_BATCH = 250, SHUFFLE_BUFFER = 10_000, PREFETCH = 2

/** Trains, tests, and leaves a run folder behind. */
export const train = (options: TrainOptions) =>
  Effect.gen(function*() {
    const { say } = yield* makeProgress({ batchSize: 1, epochs: 0 }, 1, options.json)
    const plan = yield* makePlan(options, say)
    yield* runPlan(plan, options).pipe(Effect.scoped, Effect.provide(backendLayer(plan.config.backend)))
  })

const runPlan = ({ config, dataset, folder, resumed }: Plan, options: TrainOptions) =>
  Effect.gen(function*() {
    const stepsPerEpoch = Math.ceil(dataset.sizes.train / config.batchSize), steps = config.epochs * stepsPerEpoch
    const progress = yield* makeProgress(config, stepsPerEpoch, options.json)
    const file = yield* checkpointOf(folder)
    yield* resumed ? removePartials(folder) : createRunFolder(folder)

    const model = modelOf(config), optimizer = optimizerOf(config, steps)
    const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const
    const init = Train.init({ model, optimizer, input: IMAGE, key: Key.make(config.seed) })
    const trainer = yield* Train.make(
      resumed ? Checkpoint.load(file, init) : init,
      Train.supervised({ ...supervision, optimizer })
    )
    const { step: taken } = yield* trainer.state
    if (resumed && taken >= steps) {
      return yield* new UsageError({
        message: `${folder} is finished, ${taken} of ${steps} steps: give more --epochs to go on`
      })
    }

    const log = yield* openMetricsLog(folder, taken)
    const save = Effect.flatMap(trainer.state, (state) =>
      Effect.andThen(log.flush, Checkpoint.save(file, state, { ...toMetadata(config), model: model.name })))
    const versions = { "effect-neuron": version, "tfjs-core": version_core, node: globalThis.process.version }
    const summarize = (status: string, results: object = {}) =>
      Effect.flatMap(trainer.state, ({ step }) =>
        writeSummary(folder, { status, step, config, versions, ...results }))

    if (!resumed) yield* Effect.andThen(save, summarize("running"))
    yield* progress.say(
      `${resumed ? `going on at step ${taken + 1} with` : "training"} ${config.model} on ${config.dataset}: ` +
        `${dataset.sizes.train.toLocaleString("en-US")} examples, batches of ${config.batchSize}, seed ${config.seed}`
    )

    const trained = dataset.train.pipe(
      Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed: config.seed }),
      Pipeline.batch(config.batchSize),
      Pipeline.epochs(config.epochs, { skip: taken, length: stepsPerEpoch }),
      Pipeline.prefetch(PREFETCH),
      trainer.run,
      Stream.tap((metrics) => Effect.sync(() => log.write({ split: "train", ...metrics }))),
      Stream.tap(({ step }) => step % options.checkpointEvery === 0 ? save : Effect.void),
      Metrics.running,
      Metrics.throughput(),
      Stream.tap(progress.step),
      Stream.runFold(() => ({}), (_, { accuracy, loss }) => ({ loss, accuracy })),
      Effect.tap(save)
    )
    const tested = Effect.flatMap(trainer.state, (state) =>
      Train.evaluate(supervision, state, dataset.test.pipe(Pipeline.batch(EVALUATION_BATCH))).pipe(
        Effect.tap((result) => {
          log.write({ split: "test", step: state.step, ...result })
          return log.flush
        })
      ))
    const stopped = Effect.gen(function*() {
      const { step } = yield* trainer.state
      yield* save
      yield* summarize("interrupted")
      yield* progress.say(`stopped after step ${step}; go on with --resume ${folder}`)
    })
    const failed = (cause: Cause.Cause<unknown>) =>
      Effect.andThen(log.flush, summarize("failed", { error: render(cause, false) }))

    const [train, test] = yield* Effect.all([timed(trained), timed(tested)]).pipe(
      Effect.onInterrupt(() =>
        Effect.orDie(stopped)
      ),
      Effect.onError((cause) =>
        Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.ignore(failed(cause))
      )
    )
    const results = {
      train: train.value,
      test: test.value,
      seconds: { train: train.seconds, test: test.seconds, total: train.seconds + test.seconds }
    }
    yield* summarize("finished", results)
    yield* progress.emit({ split: "test", step: steps, folder, ...results })
    yield* sayResult(folder, config.epochs, test.value, progress)
  })

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const value = yield* effect
    return { value, seconds: ((yield* Clock.currentTimeMillis) - before) / 1000 }
  })

const sayResult = (
  folder: string,
  epochs: number,
  test: { readonly size: number; readonly loss: number; readonly accuracy: number },
  { say }: Progress
) => {
  // Under npm the command is not on the path.
  const command = globalThis.process.env["npm_lifecycle_event"] === undefined ? "effect-neuron" : "npm run cli --"
  return Effect.forEach(
    [
      `test accuracy ${(100 * test.accuracy).toFixed(2)} %, loss ${test.loss.toFixed(4)}, ` +
      `on ${test.size.toLocaleString("en-US")} examples that it has never seen`,
      `${folder}: model.safetensors (weights, optimizer, step), metrics.jsonl (a line per step), summary.json`,
      `predict: ${command} predict ${folder} digit.png`,
      `train on: ${command} train --resume ${folder} --epochs ${epochs + 2}`
    ],
    say,
    { discard: true }
  )
}
