import { Cause, Deferred, Effect, Exit, Latch, Scope } from "effect"
import type { Duration } from "effect"
import * as WorkerClient from "effect/workers/Worker"
import { WorkerError, WorkerReceiveError, WorkerSpawnError } from "effect/workers/WorkerError"
import { messageOf } from "../core/messageOf.ts"

// What a worker posts, beside the messages of `effect/workers`, when its program has ended and its layers are released.
const ENDED = 2

type Ended = readonly [typeof ENDED, { readonly reason?: string }]

/** In a worker: the last thing that it posts is that its program has ended, and of what error if it was one. */
export const tellEnd = (post: (message: Ended) => void): Effect.Effect<void, never, Scope.Scope> =>
  Effect.addFinalizer((exit) =>
    Effect.sync(() => {
      const failed = Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
      post([ENDED, failed ? { reason: messageOf(Cause.squash(exit.cause)) } : {}])
    })
  )

/** What a platform tells about a worker. */
export interface Events {
  readonly message: (data: readonly [tag: number, content?: unknown]) => void
  /** It failed, or is no more. */
  readonly lost: (reason: string, cause: unknown) => void
}

/** What can be chosen about a worker. */
export interface WorkerOptions {
  /** How long a worker that was asked to end has for it before it is terminated. The default is five seconds. */
  readonly grace?: Duration.Input
}

/**
 * The platform of the workers of some kind. A worker whose Scope ends is asked to end, and terminated when it has not
 * within the grace; one that has failed is terminated at once.
 */
export const makePlatform = <
  W extends {
    readonly postMessage: (message: unknown, transfers: Array<never>) => void
    readonly terminate: () => unknown
  }
>(
  subscribe: (worker: W, events: Events) => () => void
) =>
({ grace = "5 seconds" }: WorkerOptions = {}): WorkerClient.WorkerPlatform["Service"] =>
  WorkerClient.makePlatform<W>()({
    setup: ({ scope, worker }) => {
      const asked = Effect.callback<void>((resume) => {
        const ended = () => resume(Effect.void)
        const unsubscribe = subscribe(worker, { message: ([tag]) => tag === ENDED && ended(), lost: ended })
        worker.postMessage([1], [])
        return Effect.sync(unsubscribe)
      })
      const end = Scope.addFinalizerExit(
        scope,
        (exit) =>
          (Exit.isFailure(exit) && !Exit.hasInterrupts(exit) ? Effect.void : Effect.timeoutOption(asked, grace))
            .pipe(
              Effect.andThen(Effect.promise(async () => worker.terminate()))
            )
      )
      const postMessage = (message: unknown, transfers: Array<never> = []) => worker.postMessage(message, transfers)
      return Effect.as(end, { worker, postMessage })
    },
    listen: ({ deferred, emit, port, scope }) => {
      const lost = (message: string, cause: unknown) => {
        const reason = new WorkerReceiveError({ message, cause })
        Deferred.doneUnsafe(deferred, Exit.fail(new WorkerError({ reason })))
      }
      const message: Events["message"] = (data) =>
        data[0] === ENDED ? lost((data as Ended)[1].reason ?? "it has ended", data) : emit(data)
      const unsubscribe = subscribe(port.worker, { message, lost })
      return Scope.addFinalizer(scope, Effect.sync(unsubscribe))
    }
  })

// Not at once, since a client that has just been made listens only after the fibers that are ready now.
const notSpawned = (cause: unknown) =>
  Effect.andThen(
    Effect.yieldNow,
    Effect.fail(new WorkerError({ reason: new WorkerSpawnError({ message: messageOf(cause), cause }) }))
  )

/**
 * A platform whose workers, when they have failed, start again as soon as something is asked of them, and not before. A
 * worker that cannot start would else be started without end, unseen.
 */
export const onDemand = (
  { spawn }: WorkerClient.WorkerPlatform["Service"]
): WorkerClient.WorkerPlatform["Service"] => ({
  spawn: <O, I>(id: number) =>
    Effect.gen(function*() {
      const another = Effect.provideContext(spawn<O, I>(id), yield* Effect.context<WorkerClient.Spawner>())
      const asked = Latch.makeUnsafe(true)
      let worker = yield* another
      // What waited for the one that has failed has failed with it, and is not for its successor.
      const renew = Effect.map(another, (next) => {
        worker = next
        asked.closeUnsafe()
      })
      const self: WorkerClient.Worker<O, I> = {
        send: (message, transfers) =>
          Effect.suspend(() => {
            asked.openUnsafe()
            return worker.send(message, transfers)
          }),
        run: (handler, options) =>
          asked.await.pipe(
            Effect.andThen(Effect.suspend(() => worker.run(handler, options))),
            Effect.catchDefect(notSpawned),
            Effect.tapError(() => renew)
          )
      }
      return self
    })
})
