import { memory } from "@tensorflow/tfjs-core"
import { Context, Effect, Exit, Layer, Scope, Semaphore, Stream } from "effect"
import { RpcServer } from "effect/rpc"
import type { WorkerError } from "effect/workers/WorkerError"
import type { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import type { Backend } from "../backend/Backend.ts"
import { copies } from "../backend/copies.ts"
import { encode } from "../checkpoint/index.ts"
import { DataError } from "../core/errors.ts"
import { setLearningRate } from "../optimizers/adjustable.ts"
import { learningRate } from "../optimizers/learningRate.ts"
import { rpcs } from "./definition.ts"
import type { Definition } from "./definition.ts"
import { TrainingUnavailable } from "./errors.ts"
import type { Failures } from "./failures.ts"
import { partAt, weightsOf } from "./parts.ts"
import { open } from "./session.ts"
import type { Session } from "./session.ts"
import type { Training } from "./training.ts"
import type { array, arrays, Codec, Status } from "./wire.ts"

type Current<E, R> = {
  readonly training: Training<E, R>
  readonly session: Session<E>
  readonly scope: Scope.Closeable
  /** Gives what the training asks for and has of its own: its backend, if its configuration chooses one. */
  readonly provide: <A, E2, R2>(effect: Effect.Effect<A, E2, R2>) => Effect.Effect<A, E2, R2>
  readonly provideStream: <A, E2, R2>(stream: Stream.Stream<A, E2, R2>) => Stream.Stream<A, E2, R2>
}

// Configurations come from outside, so that what the library says about wrong ones is an error of data here.
const refused = (defect: unknown) =>
  defect instanceof RangeError
    ? Effect.fail(new DataError({ source: "configuration", expected: "a valid one", actual: defect.message }))
    : Effect.die(defect)

/** Makes a training from its configuration. */
type Make<C extends Codec, F extends Codec, X extends Codec, Y extends Codec, R, R2> = (
  config: C["Type"]
) => Effect.Effect<Training<Failures | F["Type"], R2, X["Type"], Y["Type"]>, Failures | F["Type"], R>

/**
 * The server of a worker: holds one training at a time, which `make` makes from the configuration that a client starts
 * it with, in a Scope that is closed when the training is stopped, another one is started, or the worker ends.
 *
 * It asks for the platform of the worker (`layerRunner` of `effect-neuron/remote/node` or `/browser`), for a backend,
 * and for what `make` asks for. It ends when the client asks it to, if it is what `Layer.launch` launches, and not
 * merged with other layers. A `RangeError` that `make` throws is a `DataError` at the client; a layer that fails beside
 * the platform, a backend that is not to be had, is the reason of a `WorkerLost`.
 *
 * With `backend` each training has a backend of its own, which its configuration chooses, so that a client can start
 * one on another backend, or with more threads, in the same worker; one that is not to be had is a `BackendError` of
 * `start`.
 *
 * With `about` the worker tells a client what it is before a training is started.
 *
 * @example
 * ```ts
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Effect, Layer, Schema, Stream } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 * import * as RemoteNode from "effect-neuron/remote/node"
 *
 * const Line = Remote.define({ config: Schema.Struct({ learningRate: Schema.Number }) })
 * const supervision = { model: Layers.dense(1), loss: Losses.meanSquaredError }
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 *
 * const server = Remote.layer(Line, ({ learningRate }) =>
 *   Effect.gen(function*() {
 *     const optimizer = Optimizers.adjustable(Optimizers.sgd, learningRate)
 *     const trainer = yield* Train.make(
 *       Train.init({ model: supervision.model, optimizer, input: [1], key: Key.make(1) }),
 *       Train.supervised({ ...supervision, optimizer })
 *     )
 *     return Remote.supervised({ ...supervision, trainer, batches: Stream.forever(Stream.make(batch)) })
 *   }))
 *
 * // The worker's file ends with `main`.
 * const main = () =>
 *   server.pipe(
 *     Layer.provide([RemoteNode.layerRunner, Backend.layerWasm]),
 *     Layer.launch,
 *     NodeRuntime.runMain
 *   )
 * ```
 */
export const layer: {
  <
    C extends Codec,
    F extends Codec,
    R,
    R2,
    X extends Codec = typeof array,
    Y extends Codec = typeof array
  >(
    definition: Definition<C, F, X, Y>,
    make: Make<C, F, X, Y, R, R2>,
    options?: { readonly about?: object; readonly backend?: never }
  ): Layer.Layer<never, WorkerError, WorkerRunnerPlatform | Backend | Exclude<R, Scope.Scope> | R2>
  <
    C extends Codec,
    F extends Codec,
    R,
    R2,
    X extends Codec = typeof array,
    Y extends Codec = typeof array,
    R3 = never
  >(
    definition: Definition<C, F, X, Y>,
    make: Make<C, F, X, Y, R, R2>,
    options: {
      /** What the worker says of itself, as JSON, while it has no training: what can be started, say. */
      readonly about?: object
      /** The backend that a configuration asks for. */
      readonly backend: (config: C["Type"]) => Layer.Layer<Backend, Failures | F["Type"], R3>
    }
  ): Layer.Layer<never, WorkerError, WorkerRunnerPlatform | Exclude<R | R2, Scope.Scope | Backend> | R3>
} = <C extends Codec, F extends Codec, R, R2, X extends Codec, Y extends Codec, R3>(
  definition: Definition<C, F, X, Y>,
  make: Make<C, F, X, Y, R, R2>,
  { about, backend }: {
    readonly about?: object
    readonly backend?: (config: C["Type"]) => Layer.Layer<Backend, Failures | F["Type"], R3>
  } = {}
): Layer.Layer<never> => {
  type E = Failures | F["Type"]
  type Now = Current<E, R2>
  // What crosses was checked by the schemas of the definition.
  const group = rpcs(definition as unknown as Definition<C, F, typeof arrays, typeof arrays>)
  const handlers = Effect.gen(function*() {
    const oneAtATime = yield* Semaphore.make(1)
    let current: Now | undefined

    const stop = Effect.suspend(() => {
      if (current === undefined) return Effect.void
      const { scope } = current
      current = undefined
      return Scope.close(scope, Exit.void)
    })
    yield* Effect.addFinalizer(() => stop)

    const start = (config: C["Type"], paused: boolean) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          yield* stop
          const scope = yield* Scope.make()
          const begin = Effect.gen(function*() {
            const own = backend === undefined ? Context.empty() : yield* Layer.buildWithScope(backend(config), scope)
            const provide: Now["provide"] = Effect.provideContext(own as Context.Context<never>)
            const training = (yield* provide(make(config))) as unknown as Training<E, R2>
            const provideStream: Now["provideStream"] = Stream.provideContext(own as Context.Context<never>)
            return { training, session: yield* provide(open(training, paused)), scope, provide, provideStream }
          })
          current = yield* restore(Effect.catchDefect(begin, refused)).pipe(
            Scope.provide(scope),
            Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
          )
        })
      ).pipe(oneAtATime.withPermit)

    /** With the learning rate of the first optimizer below a path. */
    const statusBelow = (path: string): Effect.Effect<Status, never, R2> =>
      Effect.suspend(() => {
        if (current === undefined) {
          return Effect.succeed<Status>({ phase: "none", step: 0, tensors: memory().numTensors })
        }
        const { session, training } = current
        return Effect.map(training.state, (state): Status => {
          const rate = learningRate(partAt(state, path))
          return {
            phase: session.phase(),
            step: state.step,
            tensors: memory().numTensors,
            ...(rate === undefined ? {} : { learningRate: rate })
          }
        })
      })
    const status = statusBelow("")

    const withCurrent = <A, E2, R3>(operation: string, use: (current: Now) => Effect.Effect<A, E2, R3>) =>
      Effect.suspend((): Effect.Effect<A, E2 | TrainingUnavailable, R3> =>
        current === undefined
          ? Effect.fail(new TrainingUnavailable({ operation, reason: "no training was started" }))
          : use(current)
      )

    /** What a training can do or not, beside its steps or between two of them. */
    const ask = <A, E2, R3>(
      operation: string,
      of: (training: Training<E, R2>) => Effect.Effect<A, E2, R3> | undefined,
      when: "beside" | "between" = "beside"
    ) =>
      withCurrent(operation, ({ provide, session, training }): Effect.Effect<A, E2 | TrainingUnavailable, R3> => {
        const effect = of(training)
        return effect === undefined
          ? Effect.fail(new TrainingUnavailable({ operation, reason: "not of this training" }))
          : session[when](provide(effect))
      })

    /** What there is once a step was taken. */
    const stepped = <A, E2, R3>(
      operation: string,
      of: (training: Training<E, R2>) => Effect.Effect<A | undefined, E2, R3> | undefined
    ) =>
      Effect.flatMap(ask(operation, of), (found): Effect.Effect<A, TrainingUnavailable> =>
        found === undefined
          ? Effect.fail(new TrainingUnavailable({ operation, reason: "no step was taken yet" }))
          : Effect.succeed(found))

    const change = (rate: number, under: string) =>
      ask(
        "setLearningRate",
        (training): Effect.Effect<void, E | TrainingUnavailable | DataError> =>
          rate >= 0 && rate < Infinity
            ? Effect.flatMap(training.modify((state) => setLearningRate(state, rate, { under })), (changed) =>
              changed ? Effect.void : Effect.fail(
                new TrainingUnavailable({
                  operation: "setLearningRate",
                  reason: `no adjustable optimizer${under === "" ? "" : ` below ${under}`}; see Optimizers.adjustable`
                })
              ))
            : Effect.fail(
              new DataError({
                source: "learning rate",
                expected: "a finite number of at least 0",
                actual: String(rate)
              })
            ),
        "between"
      )

    return group.of({
      Start: ([config, paused]) => Effect.andThen(start(config, paused), status),
      Pause: () => Effect.andThen(withCurrent("pause", ({ session }) => session.pause), status),
      Resume: () => Effect.andThen(withCurrent("resume", ({ session }) => session.resume), status),
      Stop: () => Effect.andThen(Effect.uninterruptible(oneAtATime.withPermit(stop)), status),
      Status: () => status,
      Step: ({ count }) => withCurrent("step", ({ session }) => session.step(count)),
      SetLearningRate: ({ learningRate, under }) => Effect.andThen(change(learningRate, under), statusBelow(under)),
      Watch: (options) => Stream.unwrap(withCurrent("watch", ({ session }) => Effect.succeed(session.watch(options)))),
      Weights: ({ paths }) =>
        ask(
          "weights",
          ({ use }) => use((state) => copies("weights", weightsOf(state, paths)))
        ),
      Activations: ({ x }) =>
        Effect.map(ask("activations", ({ activations }) => activations?.(x)), (outputs) => ({
          paths: outputs.map(([path]) => path),
          arrays: outputs.map(([, y]) => y)
        })),
      Attentions: ({ x }) => ask("attentions", ({ attentions }) => attentions?.(x)),
      GradientNorms: () => stepped("gradientNorms", ({ gradientNorms }) => gradientNorms),
      Distributions: () => stepped("distributions", ({ distributions }) => distributions),
      Predict: ({ x }) => ask("predict", ({ predict }) => predict?.(x)),
      Evaluate: () => ask("evaluate", ({ evaluate }) => evaluate),
      Test: () => ask("test", ({ test }) => test),
      Examine: ({ split }) => ask("examine", ({ examine }) => examine?.(split)),
      Examples: ({ places, split }) => ask("examples", ({ examples }) => examples?.(split, places)),
      Picture: () => ask("picture", ({ picture }) => picture),
      Generate: (options) =>
        Stream.unwrap(
          withCurrent("generate", ({ provideStream, session, training: { generate } }) =>
            generate === undefined
              ? Effect.fail(new TrainingUnavailable({ operation: "generate", reason: "not of this training" }))
              : Effect.succeed(session.along(provideStream(Stream.suspend(() => generate(options))))))
        ).pipe(
          Stream.catchDefect((defect) => Stream.fromEffect(refused(defect)))
        ),
      Sample: () => ask("sample", ({ sample }) => sample),
      About: () =>
        current === undefined && about !== undefined
          ? Effect.succeed(about)
          : withCurrent("about", ({ training }) => Effect.succeed(training.about ?? {})),
      Checkpoint: () => ask("checkpoint", ({ metadata = {}, use }) => use((state) => encode(state, { metadata })))
    })
  })
  // `group.of` has checked the handlers; what they ask for is lost on the way through the types of a generic group.
  return RpcServer.layer(group, { disableFatalDefects: true }).pipe(
    Layer.provide(group.toLayer(handlers as never)),
    // By itself: it ends the fiber that builds it, and layers that are provided together are built in fibers of their
    // own.
    Layer.provide(RpcServer.layerProtocolWorkerRunner)
  ) as never
}
