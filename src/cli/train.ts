import { version_core } from "@tensorflow/tfjs-core"
import { Clock, DateTime, Effect, Option, Path, Stream } from "effect"
import * as Key from "../core/Key.ts"
import { version } from "../core/version.ts"
import * as Losses from "../losses/index.ts"
import * as Metrics from "../metrics/index.ts"
import * as Pipeline from "../pipeline/index.ts"
import * as Checkpoint from "../train/checkpoint.ts"
import * as Train from "../train/index.ts"
import { backendLayer } from "./backend.ts"
import { defaults, fromMetadata, toMetadata } from "./config.ts"
import type { RunConfig } from "./config.ts"
import { anyDataset, openDataset } from "./data.ts"
import type { Images } from "./data.ts"
import { IMAGE, modelOf, optimizerOf } from "./models.ts"
import { makeProgress } from "./progress.ts"
import { checkpointOf, createRunFolder, openMetricsLog, writeSummary } from "./runFolder.ts"
import { UsageError } from "./UsageError.ts"

/** What the command line asks for; what it does not mention is absent. */
export interface TrainOptions {
  readonly config: { readonly [K in keyof RunConfig]: Option.Option<RunConfig[K]> }
  readonly dataDir: Option.Option<string>
  readonly out: Option.Option<string>
  readonly resume: Option.Option<string>
  readonly checkpointEvery: number
  readonly json: boolean
}

const EVALUATION_BATCH = 250, SHUFFLE_BUFFER = 10_000, PREFETCH = 2

interface Plan {
  readonly folder: string
  readonly config: RunConfig
  readonly dataset: Images
  readonly resumed: boolean
}

/** Options that are given beside `--resume` have to agree with the run; only the number of epochs may grow. */
const resumePlan = (path: string, options: TrainOptions) =>
  Effect.gen(function*() {
    const { dirname } = yield* Path.Path
    const file = yield* checkpointOf(path)
    const stored = yield* Effect.flatMap(Checkpoint.metadata(file), (metadata) => fromMetadata(file, metadata))
    for (const name of Object.keys(stored) as Array<keyof RunConfig>) {
      const asked = Option.getOrUndefined(options.config[name] as Option.Option<RunConfig[keyof RunConfig]>)
      if (name !== "epochs" && asked !== undefined && asked !== stored[name]) {
        return yield* new UsageError({
          message: `--resume ${path}: expected the run's own ${name}, ${stored[name]}, got ${asked}`
        })
      }
    }
    if (Option.isSome(options.out)) {
      return yield* new UsageError({ message: "--resume goes on in the run's own folder: leave out --out" })
    }
    const config: RunConfig = { ...stored, epochs: Option.getOrElse(options.config.epochs, () => stored.epochs) }
    const dataset = yield* openDataset(config.dataset, Option.getOrUndefined(options.dataDir))
    return { folder: dirname(file), config, dataset, resumed: true } satisfies Plan
  })

const newPlan = (options: TrainOptions, say: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function*() {
    const { join } = yield* Path.Path
    const directory = Option.getOrUndefined(options.dataDir)
    const dataset = yield* Option.match(options.config.dataset, {
      onNone: () => anyDataset(directory, say),
      onSome: (name) => openDataset(name, directory)
    })
    const chosen = Object.fromEntries(
      Object.entries(options.config as { readonly [name: string]: Option.Option<unknown> }).flatMap(([name, value]) =>
        Option.isSome(value) ? [[name, value.value]] : []
      )
    )
    const config = { ...defaults, ...chosen, dataset: dataset.name as RunConfig["dataset"] }
    const now = DateTime.formatIso(yield* DateTime.now).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")
    const folder = Option.getOrElse(options.out, () => join("runs", `${config.dataset}-${config.model}-${now}`))
    return { folder, config, dataset, resumed: false } satisfies Plan
  })

/** Trains, tests, and leaves a run folder behind. */
export const train = (options: TrainOptions) =>
  Effect.gen(function*() {
    const started = yield* Clock.currentTimeMillis
    const tell = yield* makeProgress({ epochs: 0 }, 1, options.json)
    const plan: Plan = yield* Option.match(options.resume, {
      onNone: () => newPlan(options, tell.say),
      onSome: (path) => resumePlan(path, options)
    })
    const { config, dataset, folder } = plan
    const stepsPerEpoch = Math.ceil(dataset.sizes.train / config.batchSize)
    const steps = config.epochs * stepsPerEpoch
    const progress = yield* makeProgress(config, stepsPerEpoch, options.json)

    const model = modelOf(config), optimizer = optimizerOf(config, steps)
    const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const
    const init = Train.init({ model, optimizer, input: IMAGE, key: Key.make(config.seed) })
    const file = yield* checkpointOf(folder)
    const metadata = { ...toMetadata(config), model: model.name }
    if (!plan.resumed) yield* createRunFolder(folder)

    const training = Effect.gen(function*() {
      const trainer = yield* Train.make(
        plan.resumed ? Checkpoint.load(file, init) : init,
        Train.supervised({ ...supervision, optimizer })
      )
      const first = (yield* trainer.state).step
      if (plan.resumed && first >= steps) {
        return yield* new UsageError({
          message: `${folder} is finished, ${first} of ${steps} steps: give more --epochs to go on`
        })
      }
      const log = yield* openMetricsLog(folder, first)
      const save = Effect.andThen(
        log.flush,
        Effect.flatMap(trainer.state, (state) => Checkpoint.save(file, state, metadata))
      )
      const summary = (status: string, more: object) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          writeSummary(folder, {
            status,
            config,
            versions: { "effect-neuron": version, "tfjs-core": version_core, node: globalThis.process.version },
            ...more,
            seconds: { total: (now - started) / 1000, ...("seconds" in more ? more.seconds as object : {}) }
          }))
      if (!plan.resumed) yield* Effect.andThen(save, summary("running", { step: first }))
      yield* progress.say(
        `${plan.resumed ? `going on at step ${first + 1} with` : "training"} ${config.model} on ${config.dataset}: ` +
          `${dataset.sizes.train.toLocaleString("en-US")} examples, batches of ${config.batchSize}, seed ${config.seed}`
      )

      const trainStarted = yield* Clock.currentTimeMillis
      let last: { readonly loss: number; readonly accuracy: number } | undefined
      yield* dataset.train.pipe(
        Pipeline.shuffle({ buffer: SHUFFLE_BUFFER, seed: config.seed }),
        Pipeline.batch(config.batchSize),
        Pipeline.epochs(config.epochs, { skip: first, length: stepsPerEpoch }),
        Pipeline.prefetch(PREFETCH),
        trainer.run,
        Stream.tap((metrics) => Effect.sync(() => log.write({ split: "train", ...metrics }))),
        Stream.tap(({ step }) => step % options.checkpointEvery === 0 ? save : Effect.void),
        Metrics.running,
        Stream.tap(progress.step),
        Stream.runForEach(({ accuracy, loss }) =>
          Effect.sync(() => {
            last = { loss, accuracy }
          })
        ),
        Effect.onInterrupt(() =>
          Effect.gen(function*() {
            const { step } = yield* trainer.state
            yield* save
            yield* summary("interrupted", { step })
            yield* progress.say(`stopped after step ${step}; go on with --resume ${folder}`)
          }).pipe(Effect.orDie)
        )
      )
      yield* save
      const trained = yield* Clock.currentTimeMillis

      const state = yield* trainer.state
      const test = yield* Train.evaluate(supervision, state, dataset.test.pipe(Pipeline.batch(EVALUATION_BATCH)))
      log.write({ split: "test", step: state.step, ...test })
      yield* log.flush
      const tested = yield* Clock.currentTimeMillis
      const result = {
        step: state.step,
        train: last,
        test,
        seconds: { train: (trained - trainStarted) / 1000, test: (tested - trained) / 1000 }
      }
      yield* summary("finished", result)
      yield* progress.emit({ split: "test", folder, ...result })
      yield* progress.say(
        `test accuracy ${(100 * test.accuracy).toFixed(2)} %, loss ${test.loss.toFixed(4)}, ` +
          `on ${test.size.toLocaleString("en-US")} examples that it has never seen`
      )
      yield* sayWhatNext(folder, config, progress.say)
    })
    yield* training.pipe(Effect.scoped, Effect.provide(backendLayer(config.backend)))
  })

const sayWhatNext = (folder: string, { epochs }: RunConfig, say: (line: string) => Effect.Effect<void>) => {
  // Under npm the command is not on the path.
  const command = globalThis.process.env["npm_lifecycle_event"] === undefined ? "effect-neuron" : "npm run cli --"
  return Effect.forEach(
    [
      `${folder}: model.safetensors (weights, optimizer, step), metrics.jsonl (a line per step), summary.json`,
      `predict: ${command} predict ${folder} digit.png`,
      `train on: ${command} train --resume ${folder} --epochs ${epochs + 2}`
    ],
    say,
    { discard: true }
  )
}
