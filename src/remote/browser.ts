import { Cause, Deferred, Effect, Exit, Fiber, Layer, Scheduler, Scope } from "effect"
import * as WorkerClient from "effect/workers/Worker"
import { WorkerError, WorkerReceiveError } from "effect/workers/WorkerError"
import { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import type { PlatformMessage, WorkerRunner } from "effect/workers/WorkerRunner"

// What the worker posts, beside the messages of `effect/workers`, when all of its layers are released.
const ENDED = 2

const received = (message: string, cause: unknown) =>
  new WorkerError({ reason: new WorkerReceiveError({ message, cause }) })

/** Asks a worker to end, and ends it: at once when it has failed, else when it is ready or five seconds have passed. */
const end = (worker: Worker, hasFailed: () => boolean): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    if (hasFailed()) return resume(Effect.void)
    const done = () => resume(Effect.void)
    const onMessage = ({ data }: MessageEvent) => data[0] === ENDED && done()
    worker.addEventListener("message", onMessage)
    worker.addEventListener("error", done)
    worker.postMessage([1])
  }).pipe(Effect.timeoutOption("5 seconds"), Effect.andThen(Effect.sync(() => worker.terminate())))

const platform = /* @__PURE__ */ WorkerClient.makePlatform<Worker>()({
  setup: ({ scope, worker }) => {
    let failed = false
    const onError = () => {
      failed = true
    }
    worker.addEventListener("error", onError)
    const port = {
      worker,
      postMessage: (message: unknown, transfers?: Array<Transferable>) => {
        worker.postMessage(message, transfers ?? [])
      }
    }
    return Effect.as(Scope.addFinalizer(scope, Effect.suspend(() => end(worker, () => failed))), port)
  },
  listen: ({ deferred, emit, port: { worker }, scope }) => {
    const fail = (message: string, cause: unknown) => Deferred.doneUnsafe(deferred, Exit.fail(received(message, cause)))
    const onMessage = ({ data }: MessageEvent) => data[0] === ENDED ? fail("the worker has ended", data) : emit(data)
    const onMessageError = (event: MessageEvent) => fail("a message could not be read", event.data)
    const onError = (event: ErrorEvent) => {
      event.preventDefault()
      fail(event.message || "its module could not be loaded", event.error ?? event.message)
    }
    worker.addEventListener("message", onMessage)
    worker.addEventListener("messageerror", onMessageError)
    worker.addEventListener("error", onError)
    return Scope.addFinalizer(
      scope,
      Effect.sync(() => {
        worker.removeEventListener("message", onMessage)
        worker.removeEventListener("messageerror", onMessageError)
        worker.removeEventListener("error", onError)
      })
    )
  }
})

/**
 * What `Remote.connect` asks for in a page: a Web Worker. It is given as a function, since bundlers look for
 * `new Worker(new URL(…, import.meta.url))` in the program.
 *
 * @example
 * ```ts
 * import * as RemoteBrowser from "effect-neuron/remote/browser"
 *
 * const layer = RemoteBrowser.layerWorker(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }))
 * ```
 */
export const layerWorker = (
  spawn: () => Worker
): Layer.Layer<WorkerClient.WorkerPlatform | WorkerClient.Spawner> =>
  Layer.merge(WorkerClient.layerSpawner(spawn), Layer.succeed(WorkerClient.WorkerPlatform, platform))

/** The global scope of a dedicated worker, as far as it is needed. */
interface WorkerScope {
  readonly postMessage: (message: unknown, transfers?: Array<Transferable>) => void
  readonly close: () => void
  readonly addEventListener: (type: string, listener: (event: MessageEvent) => void) => void
  readonly removeEventListener: (type: string, listener: (event: MessageEvent) => void) => void
}

const serve = <O, I>(port: WorkerScope): WorkerRunner<O, I> => {
  const sendUnsafe = (_port: number, message: O, transfers: ReadonlyArray<unknown> = []) =>
    port.postMessage([1, message], transfers as Array<Transferable>)
  return {
    sendUnsafe,
    send: (id, message, transfers) => Effect.sync(() => sendUnsafe(id, message, transfers)),
    run: <A, E, R>(handler: (portId: number, message: I) => Effect.Effect<A, E, R> | void) =>
      Effect.scopedWith((scope) =>
        Effect.gen(function*() {
          const closed = yield* Deferred.make<void, WorkerError>()
          const track = Fiber.runIn(scope), fork = Effect.runForkWith(yield* Effect.context<R>())
          const onMessage = ({ data }: MessageEvent<PlatformMessage<I>>) => {
            if (data[0] === 1) return void Deferred.doneUnsafe(closed, Exit.void)
            const result = handler(0, data[1])
            if (!Effect.isEffect(result)) return
            track(fork(Effect.tapCause(result, (cause) =>
              Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("unhandled error in worker", cause))))
          }
          const onMessageError = ({ data }: MessageEvent) =>
            void Deferred.doneUnsafe(closed, Exit.fail(received("a message could not be read", data)))
          port.addEventListener("message", onMessage)
          port.addEventListener("messageerror", onMessageError)
          yield* Scope.addFinalizer(
            scope,
            Effect.sync(() => {
              port.removeEventListener("message", onMessage)
              port.removeEventListener("messageerror", onMessageError)
            })
          )
          port.postMessage([0])
          return yield* Deferred.await(closed)
        })
      )
  }
}

// Browsers make a timer that is set by a timer wait for four milliseconds: a training that lets others in every eight
// would lose a third of its time. Messages do not wait.
const byMessage = (): Scheduler.Scheduler => {
  const { port1, port2 } = new MessageChannel()
  const waiting = new Set<() => void>()
  port1.addEventListener("message", () => {
    const [next] = waiting
    if (next === undefined) return
    waiting.delete(next)
    next()
  })
  port1.start()
  return new Scheduler.MixedScheduler("async", (task) => {
    const own = () => task()
    waiting.add(own)
    port2.postMessage(undefined)
    return () => {
      waiting.delete(own)
    }
  })
}

/**
 * What `Remote.layer` asks for in a Web Worker. It also has fibers take turns by messages, since browsers slow down
 * timers.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import * as RemoteBrowser from "effect-neuron/remote/browser"
 *
 * Layer.isLayer(RemoteBrowser.layerRunner) // => true
 * ```
 */
export const layerRunner: Layer.Layer<WorkerRunnerPlatform> = /* @__PURE__ */ Layer.merge(
  /* @__PURE__ */ Layer.effect(
    WorkerRunnerPlatform,
    /* @__PURE__ */ Effect.gen(function*() {
      const port = globalThis as unknown as WorkerScope
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          port.postMessage([ENDED])
          port.close()
        })
      )
      return { start: <O, I>() => Effect.sync(() => serve<O, I>(port)) }
    })
  ),
  /* @__PURE__ */ Layer.sync(Scheduler.Scheduler, byMessage)
)
