import { Cause, Effect, Schema, Stream } from "effect"
import type { Scope } from "effect"
import { RpcClient } from "effect/rpc"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import { WorkerPlatform } from "effect/workers/Worker"
import type { Spawner } from "effect/workers/Worker"
import { DataError } from "../core/errors.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { parse } from "../experiment/config.ts"
import type { Examined } from "../experiment/examine.ts"
import type { Example, Experiment, Split } from "../experiment/Experiment.ts"
import { definitionOf, rpcs } from "./definition.ts"
import type { Definition } from "./definition.ts"
import { WorkerLost } from "./errors.ts"
import type { Failures } from "./failures.ts"
import type { WatchOptions } from "./feed.ts"
import { onDemand } from "./platform.ts"
import type {
  array,
  Codec,
  Distributions,
  Evaluated,
  Going,
  Gone,
  GradientNorms,
  Picture,
  Point,
  Sampled,
  Status
} from "./wire.ts"

/**
 * A training in a worker, as one sees it from outside. `C` is its configuration, `E` errors of the program's own, `X`
 * what its model takes and `Y` what it gives.
 */
export interface Client<C, E = never, X = NdArray, Y = NdArray> {
  /** Starts a training; one that there was is stopped. `paused` leaves it before its first step. */
  readonly start: (config: C, options?: { readonly paused?: boolean }) => Answer<Status, E>
  /** Answers when no step is being taken any more. */
  readonly pause: Answer<Status, E>
  readonly resume: Answer<Status, E>
  /** Ends the training and frees its tensors. */
  readonly stop: Answer<Status, E>
  readonly status: Answer<Status, E>
  /**
   * Pauses, takes `count` steps (default 1), and gives the metrics of the last one. A trainer that reads the metrics of
   * several steps together takes all of these.
   */
  readonly step: (count?: number) => Answer<Point, E>
  /**
   * From the next step on, for the optimizers that are `Optimizers.adjustable`; `under` a path, for those below it. The
   * answer has the new rate.
   */
  readonly setLearningRate: (learningRate: number, options?: { readonly under?: string }) => Answer<Status, E>
  /**
   * The metrics of a training, its history first, as elements of one or several steps. It ends with the training, and
   * fails as the training does. The training neither waits for it, unless `whenFull` says so, nor ends with it.
   */
  readonly watch: (options?: WatchOptions) => Stream.Stream<Point, E | Failures | WorkerLost>
  /**
   * The tensors of the training state by path, all of one step: those at or below the given paths, `params.conv1`, by
   * default all that stand below a `params`.
   */
  readonly weights: (paths?: ReadonlyArray<string>) => Answer<{ readonly [path: string]: NdArray }, E>
  /** What each layer gives for a batch of inputs, in the order of `Layers.activations`. */
  readonly activations: (x: X) => Answer<ReadonlyArray<readonly [path: string, y: HostTree]>, E>
  /** What each attention of the model weighs its values with for a batch of inputs, by path: see `Layers.attentions`. */
  readonly attentions: (x: X) => Answer<{ readonly [path: string]: NdArray }, E>
  /** The norm of the gradient of each parameter by its path, for the last batch that was trained on. */
  readonly gradientNorms: Answer<GradientNorms, E>
  /**
   * How weights, gradients and activations are distributed, by path: the gradients of the last batch that was trained on
   * and what layers give for it. Of weights also how much they have changed since this was asked before.
   */
  readonly distributions: Answer<Distributions, E>
  readonly predict: (x: X) => Answer<Y, E>
  /** How good the model is on data that it was not trained on: of an experiment the validation examples, if it has any. */
  readonly evaluate: Answer<Evaluated, E>
  /** How good the model of an experiment is on its test examples. */
  readonly test: Answer<Evaluated, E>
  /** How the model does on a part of the data, example by example, all at one step. */
  readonly examine: (split: Split) => Answer<Examined, E>
  /** The examples at places of a part of the data, from 0; those that are not there are left out. */
  readonly examples: (split: Split, places: ReadonlyArray<number>) => Answer<ReadonlyArray<Example>, E>
  /** A picture of what it makes, bytes `[height, width, channels]`: of a generator a grid of samples. */
  readonly picture: Answer<Picture, E>
  /**
   * Goes on with a text, by the state of the beginning, token by token: of an experiment whose model is one of language.
   * Who stops it stops the worker.
   */
  readonly generate: (options: Going) => Stream.Stream<Gone, E | Failures | WorkerLost>
  /** A text that a model of language goes on with: always the same one, from step to step. */
  readonly sample: Answer<Sampled, E>
  /**
   * What the training says of itself, JSON: of an experiment its configuration, shapes, networks, looks. Without a
   * training it is what the worker says of itself (`about` of `Remote.layer`).
   */
  readonly about: Answer<object, E>
  /** The bytes of a checkpoint, as `Checkpoint.save` writes them. */
  readonly checkpoint: Answer<Uint8Array<ArrayBuffer>, E>
}

/** The client of a definition. */
export type ClientOf<D extends Definition<Codec, Codec>> = Client<
  D["config"]["Type"],
  D["failure"]["Type"],
  D["input"]["Type"],
  D["output"]["Type"]
>

/** What a worker answers: a value, a failure of the training, or nothing any more. */
export type Answer<A, E = never> = Effect.Effect<A, E | Failures | WorkerLost>

type Activations = { readonly paths: ReadonlyArray<string>; readonly arrays: ReadonlyArray<HostTree> }

const lost = (error: RpcClientError) => Effect.fail(new WorkerLost({ reason: error.reason.message, cause: error }))

const cutShort = (cause: unknown) => new WorkerLost({ reason: "it ended in the middle of an answer", cause })

const notPositive = (source: string, n: number) =>
  new DataError({ source, expected: "a positive integer", actual: String(n) })

// Watching takes a place in the worker for as long as it lasts, and has to leave others.
const REQUESTS_AT_A_TIME = 1024

/**
 * Starts a worker and gives the client of what it trains: of an experiment, which is started with the part of its
 * configuration that is not the default, or of a definition. The Scope ends the worker: in Node and in a page it is asked
 * to end, and is terminated when it has not after a while (`grace` of `layerWorker`).
 *
 * Asks for the platform: `layerWorker` of `effect-neuron/remote/node` or of `effect-neuron/remote/browser`. When the
 * worker crashes, or does not start (its backend is not to be had, say), what was asked of it fails with a `WorkerLost`
 * that says why. What is asked next starts a new one, a second later at the earliest, without a training. A training
 * that fails with a `DeviceError` leaves a worker without its GPU: connect to another one.
 *
 * @example
 * ```ts
 * import { Cause, Effect, Schema, Stream } from "effect"
 * import { Report } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * const Line = Remote.define({ config: Schema.Struct({ learningRate: Schema.Number }) })
 *
 * const program = Effect.gen(function*() {
 *   const client = yield* Remote.connect(Line)
 *   yield* client.start({ learningRate: 0.1 })
 *   yield* client.watch({ every: 100 }).pipe(Stream.take(10), Stream.runForEach(Report.line))
 *   return yield* client.weights(["params.kernel"])
 * }).pipe(Effect.scoped, Effect.provide(RemoteNode.layerWorker(new URL("./worker.ts", import.meta.url))))
 * ```
 */
export const connect: {
  <C, R>(
    experiment: Experiment<C, R>
  ): Effect.Effect<Client<Partial<C>, never, HostTree, HostTree>, WorkerLost, Scope.Scope | WorkerPlatform | Spawner>
  <
    C extends Codec,
    F extends Codec,
    X extends Codec = typeof array,
    Y extends Codec = typeof array
  >(
    definition: Definition<C, F, X, Y>
  ): Effect.Effect<
    Client<C["Type"], F["Type"], X["Type"], Y["Type"]>,
    WorkerLost,
    Scope.Scope | WorkerPlatform | Spawner
  >
} = (what: Experiment<unknown, unknown> | Definition<Codec, Codec>) =>
  "open" in what
    ? Effect.map(connectTo(definitionOf(what)), ({ start, ...client }) => ({
      ...client,
      start: (config: object, options?: { readonly paused?: boolean }) =>
        Effect.flatMap(parse(what.name, what.config, config), (config) => start(config, options))
    }))
    : connectTo(what)

const connectTo = (
  definition: Definition<Codec, Codec>
): Effect.Effect<Client<unknown, never, HostTree, HostTree>, WorkerLost, Scope.Scope | WorkerPlatform | Spawner> =>
  Effect.gen(function*() {
    const protocol = yield* Effect.updateService(
      RpcClient.makeProtocolWorker({ size: 1, concurrency: REQUESTS_AT_A_TIME }),
      WorkerPlatform,
      onDemand
    )
    const client = yield* Effect.provideService(RpcClient.make(rpcs(definition)), RpcClient.Protocol, protocol)
    const checking = (source: string, schema: Codec) => {
      const validate = Schema.decodeUnknownEffect(Schema.toType(schema))
      return (value: unknown) =>
        Effect.mapError(
          validate(value),
          ({ message }) => new DataError({ source, expected: "what its schema says", actual: message })
        )
    }
    const configured = checking("configuration", definition.config), whole = checking("input", definition.input)
    const answer = <A, E>(effect: Effect.Effect<A, E | RpcClientError>): Effect.Effect<A, E | WorkerLost> =>
      Effect.catchTag(effect as Effect.Effect<A, RpcClientError>, "RpcClientError", lost)

    const answers = <A>(stream: Stream.Stream<A, RpcClientError>) =>
      Stream.catchTag(stream, "RpcClientError", (error) => Stream.fromEffect(lost(error))).pipe(
        Stream.catchCause((cause) =>
          // A worker that dies in the middle of an answer interrupts who decodes it; who interrupts a stream never comes
          // here.
          Cause.hasInterruptsOnly(cause) ? Stream.fail(cutShort(cause)) : Stream.failCause(cause)
        )
      )

    return {
      start: (config, { paused = false } = {}) =>
        Effect.andThen(configured(config), answer(client.Start([config, paused] as never))),
      pause: answer(client.Pause()),
      resume: answer(client.Resume()),
      stop: answer(client.Stop()),
      status: answer(client.Status()),
      step: (count = 1) =>
        Number.isSafeInteger(count) && count > 0
          ? answer(client.Step({ count }))
          : Effect.fail(notPositive("count of steps", count)),
      setLearningRate: (learningRate, { under = "" } = {}) => answer(client.SetLearningRate({ learningRate, under })),
      watch: ({ capacity = 256, every = 1, whenFull = "merge" } = {}) => {
        for (const [name, n] of Object.entries({ capacity, every })) {
          if (!(Number.isSafeInteger(n) && n > 0)) return Stream.fail(notPositive(`watch: ${name}`, n))
        }
        return answers(client.Watch({ capacity, every, whenFull }) as Stream.Stream<Point, RpcClientError>)
      },
      weights: (paths) => answer(client.Weights(paths === undefined ? {} : { paths })),
      activations: (x) =>
        Effect.map(
          Effect.andThen(whole(x), answer(client.Activations({ x } as never) as Effect.Effect<Activations>)),
          ({ arrays, paths }) => paths.map((path, i) => [path, arrays[i]!] as const)
        ),
      attentions: (x) =>
        Effect.andThen(
          whole(x),
          answer(client.Attentions({ x } as never) as Effect.Effect<{ [path: string]: NdArray }>)
        ),
      gradientNorms: answer(client.GradientNorms()),
      distributions: answer(client.Distributions()),
      predict: (x) => Effect.andThen(whole(x), answer(client.Predict({ x } as never) as Effect.Effect<unknown>)),
      evaluate: answer(client.Evaluate()),
      test: answer(client.Test()),
      examine: (split) => answer(client.Examine({ split })),
      examples: (split, places) => answer(client.Examples({ split, places })),
      picture: answer(client.Picture()),
      generate: (options) => answers(client.Generate(options) as Stream.Stream<Gone, RpcClientError>),
      sample: answer(client.Sample()),
      about: answer(client.About()),
      checkpoint: answer(client.Checkpoint())
    } as Client<unknown, never, HostTree, HostTree>
  }).pipe(
    Effect.catchTag("WorkerError", (cause) => Effect.fail(new WorkerLost({ reason: cause.message, cause })))
  )
