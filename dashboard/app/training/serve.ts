import { ConfigProvider, Effect, FileSystem, Layer, Path, PlatformError, Stream } from "effect"
import { Backend, Datasets, Errors, Experiment } from "effect-neuron"
import type { NdArray } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { messageOf } from "../../../src/core/messageOf.ts"
import { mnistFiles } from "../../../src/datasets/mnistFiles.ts"
import { judgingOf } from "../../../src/experiment/ending.ts"
import { referring } from "../../../src/experiment/reference.ts"
import { loadCheckpoint, loadJudged, loadText } from "../state/database.ts"
import { dashboard } from "./definition.ts"
import type { Offer, Offered } from "./definition.ts"
import { experimentsOf, referenceTo } from "./experimentsOf.ts"
import type { Any } from "./experimentsOf.ts"
import { judging } from "./judging.ts"
import { keeping } from "./keeping.ts"
import { restored, withRates } from "./parts.ts"
import { isPasted } from "./pasted.ts"

/** A module of experiments. */
export interface File {
  /** As it was named on the command line. */
  readonly name: string
  readonly load: () => Promise<object>
  /** The export that is meant, where it is not all. */
  readonly only?: string
}

interface Found {
  readonly experiments: ReadonlyArray<{
    readonly experiment: Any
    /** The file that it is from, and how the command line is told of it. */
    readonly own?: { readonly file: string; readonly reference: string }
  }>
  readonly problems: ReadonlyArray<string>
}

type Arrays = NdArray.HostTree

type Services = FileSystem.FileSystem | Path.Path | Backend.Backend

const { digits, generator, gpt, gru, lstm, mnist, rnn } = Experiment
const library = [digits, mnist, generator, gpt, lstm, gru, rnn] as unknown as ReadonlyArray<Any>

const foundIn = async ({ load, name, only }: File): Promise<Found> => {
  try {
    const module = await load()
    const experiments = experimentsOf(module, only).map((experiment) => ({
      experiment,
      own: { file: name, reference: referenceTo(name, module, experiment) }
    }))
    const named = only === undefined ? "" : ` ${only}`
    return { experiments, problems: experiments.length > 0 ? [] : [`${name} exports no experiment${named}.`] }
  } catch (cause) {
    return { experiments: [], problems: [`${name} could not be loaded: ${messageOf(cause)}`] }
  }
}

/** The experiments of files, then those of the library that have other names. */
const all = async (files: ReadonlyArray<File>): Promise<Found> => {
  const found = await Promise.all(files.map(foundIn))
  const own = found.flatMap(({ experiments }) => experiments)
  const others = library.filter(({ name }) => own.every(({ experiment }) => experiment.name !== name))
  return {
    experiments: [...own, ...others.map((experiment) => ({ experiment }))],
    problems: found.flatMap(({ problems }) => problems)
  }
}

const offerOf = ({ experiments, problems }: Found): Offer => ({
  problems,
  experiments: experiments.map(({ experiment: { config, description, kind, name }, own }): Offered => ({
    ...{ name, kind, fields: Experiment.fieldsOf(config as Experiment.Codec) },
    ...(description === undefined ? {} : { description }),
    ...(own === undefined ? {} : { file: own.file })
  }))
})

// The server of the page hands out the files of MNIST that the machine has, under this folder.
const MNIST = "/data/mnist"

const ofServer = Datasets.layerFiles(
  Object.fromEntries(mnistFiles.map((file) => [`${MNIST}/${file}`, `${MNIST}/${file}`]))
)

/** Those files, and texts that were pasted. */
const files = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (files) => ({
    ...files,
    stream: (path, options) => isPasted(path) ? pasted(path) : files.stream(path, options)
  }))
).pipe(Layer.provide(ofServer))

const pasted: FileSystem.FileSystem["stream"] = (path) =>
  Stream.fromEffect(
    Effect.flatMap(
      Effect.orElseSucceed(Effect.tryPromise(() => loadText(path)), () => undefined),
      (text) =>
        text === undefined
          ? Effect.fail(PlatformError.systemError({
            ...{ _tag: "NotFound", module: "FileSystem", method: "stream", pathOrDescriptor: path },
            description: "the text is no longer kept"
          }))
          : Effect.succeed(new TextEncoder().encode(text))
    )
  )

const services = Layer.mergeAll(
  files,
  Path.layer,
  ConfigProvider.layer(ConfigProvider.fromUnknown({ MNIST_DIR: MNIST }))
)

const kept = (run: string) =>
  Effect.tryPromise({
    try: () => Promise.all([loadCheckpoint(run), loadJudged(run)]),
    catch: (cause) =>
      new Errors.DataError({ source: "the checkpoint", expected: "to be read", actual: messageOf(cause), cause })
  })

// A user who has chosen a GPU gets it, also where the processor plays it.
const backendOf = ({ backend }: { readonly backend: string }) =>
  backend === "webgl" ?
    Backend.layerWebglWith({ software: true }) :
    backend === "webgpu" ?
    Backend.layerWebgpuWith({ software: true }) :
    Backend.layerWasmWith({ threads: Number(/\d/.exec(backend)?.[0] ?? 1) })

const making =
  (experiments: Found["experiments"]) => ({ checkpoint, choice, resume, run }: typeof dashboard.config.Type) =>
    Effect.gen(function*() {
      const { experiment, own } = experiments.find(({ experiment }) => experiment.name === choice.experiment) ?? {}
      if (experiment === undefined) {
        return yield* new Errors.DataError({
          source: "experiment",
          expected: experiments.map(({ experiment }) => experiment.name).join(", "),
          actual: choice.experiment
        })
      }
      const [from, judged] = checkpoint !== undefined ? [checkpoint, []] : resume ? yield* kept(run) : [undefined, []]
      const config = yield* Experiment.parse(experiment.name, experiment.config as Experiment.Codec, choice.config)
      const opened = yield* experiment.open(config)
      const { config: json } = opened, isJudged = Number(json["patience"] ?? 0) > 0, { monitor } = judgingOf(opened)
      const reference = own && (yield* referring({ experiment: experiment.name, file: own.reference, config: json }))
      const metadata = { ...opened.metadata, ...reference }
      const training = yield* Remote.trainingOf({ ...opened, metadata }, {
        initial: (init) => restored(init, from, checkpoint === undefined ? "saved run" : "its weights"),
        earlier: (step) => judged.filter(([at]) => at <= step).map(([, value]) => value),
        through: (metrics, trainer) =>
          keeping(run, trainer, metadata)(isJudged ? judging(run, judged, monitor)(metrics) : metrics)
      })
      // Data that are not to be had are found out before it trains.
      const about = { ...training.about, monitor: opened.validation?.monitor }
      return withRates({ ...training, about } as Remote.Training<Remote.Failures, Services, Arrays, Arrays>)
    }).pipe(
      Effect.catchTag(
        "DatasetUnavailable",
        ({ message }) => Effect.fail(new Errors.DataError({ source: "data", expected: "to be had", actual: message }))
      )
    )

/** Serves the training of experiments to the page of this worker: of those of files, and of the library's. */
export const serve = async (files: ReadonlyArray<File>): Promise<void> => {
  const found = await all(files)
  Remote.layer(dashboard, making(found.experiments), { about: offerOf(found), backend: backendOf }).pipe(
    Layer.provide([RemoteBrowser.layerRunner, services]),
    Layer.launch,
    Effect.runFork
  )
}
