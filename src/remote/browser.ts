import { Cause, Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect"
import * as WorkerClient from "effect/workers/Worker"
import { WorkerError, WorkerReceiveError } from "effect/workers/WorkerError"
import { WorkerRunnerPlatform } from "effect/workers/WorkerRunner"
import type { PlatformMessage, WorkerRunner } from "effect/workers/WorkerRunner"
import { layerScheduler } from "../browser/layerScheduler.ts"
import { makePlatform, tellEnd } from "./platform.ts"
import type { WorkerOptions } from "./platform.ts"

export type { WorkerOptions }

const platform = /* @__PURE__ */ makePlatform<Worker>((worker, { lost, message }) => {
  const onMessage = ({ data }: MessageEvent) => message(data)
  const onMessageError = (event: MessageEvent) => lost("a message could not be read", event.data)
  const onError = (event: ErrorEvent) => {
    event.preventDefault()
    lost(event.message || "its module could not be loaded", event.error ?? event.message)
  }
  worker.addEventListener("message", onMessage)
  worker.addEventListener("messageerror", onMessageError)
  worker.addEventListener("error", onError)
  return () => {
    worker.removeEventListener("message", onMessage)
    worker.removeEventListener("messageerror", onMessageError)
    worker.removeEventListener("error", onError)
  }
})

/**
 * What `Remote.connect` asks for in a page: a Web Worker. It is given as a function, since bundlers look for
 * `new Worker(new URL(…, import.meta.url))` in the program. `grace` is how long it has to end when it is asked to.
 *
 * @example
 * ```ts
 * import * as RemoteBrowser from "effect-neuron/remote/browser"
 *
 * const layer = RemoteBrowser.layerWorker(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }))
 * ```
 */
export const layerWorker = (
  spawn: () => Worker,
  options?: WorkerOptions
): Layer.Layer<WorkerClient.WorkerPlatform | WorkerClient.Spawner> =>
  Layer.merge(WorkerClient.layerSpawner(spawn), Layer.succeed(WorkerClient.WorkerPlatform, platform(options)))

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
          const onMessageError = ({ data }: MessageEvent) => {
            const reason = new WorkerReceiveError({ message: "a message could not be read", cause: data })
            Deferred.doneUnsafe(closed, Exit.fail(new WorkerError({ reason })))
          }
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

/**
 * What `Remote.layer` asks for in a Web Worker. Give it first in one list with the backend and other layers: a client
 * hears why they fail, and never of a failure before it. It also has fibers take turns by messages, as `layerScheduler`
 * of `effect-neuron/browser` does.
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
      yield* tellEnd((message) => {
        port.postMessage(message)
        port.close()
      })
      return { start: <O, I>() => Effect.sync(() => serve<O, I>(port)) }
    })
  ),
  layerScheduler
)
