import { Deferred, Effect, Exit, Fiber, Latch, Semaphore, Stream } from "effect"
import type { Scope } from "effect"
import { TrainingUnavailable } from "./errors.ts"
import { make as makeFeed, pointOf } from "./feed.ts"
import type { Feed, WatchOptions } from "./feed.ts"
import type { Training, TrainingMetrics } from "./training.ts"
import type { Point, Status } from "./wire.ts"

/** A training that runs in a fiber of its own, and what steers it. */
export interface Session<E> {
  readonly phase: () => Status["phase"]
  /** Returns when no step is being taken any more. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void, TrainingUnavailable>
  /** Pauses, takes `count` steps or what more are read together with them, and gives the metrics of step `count`. */
  readonly step: (count: number) => Effect.Effect<Point, E | TrainingUnavailable>
  /** From the history of the training on. */
  readonly watch: (options: WatchOptions) => Stream.Stream<Point, E>
  /** Runs an effect beside the steps: it holds what it needs of the state. The end of the session cuts it off. */
  readonly beside: <A, E2, R>(effect: Effect.Effect<A, E2, R>) => Effect.Effect<A, E2 | TrainingUnavailable, R>
  /** The same of a stream, as long as somebody asks for it. */
  readonly along: <A, E2, R>(stream: Stream.Stream<A, E2, R>) => Stream.Stream<A, E2 | TrainingUnavailable, R>
  /** Runs an effect between two steps, or two groups of them that are read together; no step is taken meanwhile. */
  readonly between: <A, E2, R>(effect: Effect.Effect<A, E2, R>) => Effect.Effect<A, E2 | TrainingUnavailable, R>
}

// Whoever begins to watch gets the training so far in about that many points.
const HISTORY = 512

// More than a client has requests at a time.
const MANY = 1 << 30

const unavailable = (operation: string, reason: string) => new TrainingUnavailable({ operation, reason })

/** Starts a training. The Scope stops it, and returns when nothing of it runs any more. */
export const open = <E, R>(
  training: Pick<Training<E, R>, "run">,
  paused: boolean
): Effect.Effect<Session<E>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    // Held from before a step to behind it, and by whoever does something between two steps. It is fair.
    const turn = yield* Semaphore.make(1), oneStepper = yield* Semaphore.make(1)
    // Held by whoever looks at the state, of whom there may be many.
    const looking = yield* Semaphore.make(MANY)
    const go = Latch.makeUnsafe(!paused)
    const closing = yield* Deferred.make<never, TrainingUnavailable>()
    const history = makeFeed<E>({ capacity: HISTORY })
    const feeds = new Set<Feed<E>>()
    let running = !paused
    // Steps that are let in and whose metrics are not there yet: several of a trainer that reads them together, which
    // is one turn.
    let unpublished = 0
    let asked: { left: number; readonly done: Deferred.Deferred<Point, E | TrainingUnavailable> } | undefined
    let ended: Exit.Exit<void, E> | undefined

    const halt = () => {
      running = false
      asked = undefined
      go.closeUnsafe()
    }

    const admit: Effect.Effect<void> = Effect.suspend(() => {
      if (unpublished > 0) {
        unpublished += 1
        return Effect.void
      }
      if (!go.isOpen()) return Effect.andThen(go.await, admit)
      for (const feed of feeds) if (feed.isFull()) return Effect.andThen(feed.room, admit)
      // What interrupts this has seen to it that nobody holds the turn for long.
      return Effect.flatMap(
        Effect.uninterruptible(Effect.flatMap(turn.take(1), () => {
          unpublished = running || asked !== undefined ? 1 : 0
          return unpublished > 0 ? Effect.void : turn.release(1)
        })),
        () => unpublished > 0 ? Effect.void : admit
      )
    })

    const publish = (metrics: TrainingMetrics) =>
      Effect.suspend(() => {
        const point = pointOf(metrics)
        history.offer(point)
        for (const feed of feeds) feed.offer(point)
        if (asked !== undefined && --asked.left === 0) {
          Deferred.doneUnsafe(asked.done, Exit.succeed(point))
          asked = undefined
          if (!running) go.closeUnsafe()
        }
        unpublished -= 1
        return unpublished > 0 ? Effect.void : turn.release(1)
      }).pipe(Effect.uninterruptible)

    const finish = (exit: Exit.Exit<void, E>) =>
      Effect.suspend(() => {
        // Also of a loop that was stopped before it began, which the finalizer tells.
        if (ended !== undefined) return Effect.void
        const stopped = Exit.hasInterrupts(exit)
        ended = stopped ? Exit.void : exit
        if (asked !== undefined) {
          const over = Exit.fail(
            unavailable("step", stopped ? "the training was stopped" : "there are no more batches")
          )
          Deferred.doneUnsafe(asked.done, Exit.isSuccess(ended) ? over : Exit.failCause(ended.cause))
        }
        halt()
        for (const feed of feeds) feed.end(ended)
        if (unpublished === 0) return Effect.void
        unpublished = 0
        return turn.release(1)
      })

    const loop = yield* training.run(admit).pipe(Stream.runForEach(publish), Effect.onExit(finish), Effect.forkScoped)

    const untilClosed: Session<E>["beside"] = (effect) => Effect.raceFirst(effect, Deferred.await(closing))

    yield* Effect.addFinalizer(() =>
      Effect.gen(function*() {
        yield* Deferred.fail(closing, unavailable("training", "it was stopped"))
        yield* Fiber.interrupt(loop)
        yield* finish(Exit.interrupt())
        yield* turn.take(1)
        yield* looking.take(MANY)
      })
    )

    const refuseWhenOver = (operation: string) =>
      Effect.suspend(() =>
        ended === undefined
          ? Effect.void
          : Effect.fail(unavailable(operation, `the training has ${Exit.isSuccess(ended) ? "finished" : "failed"}`))
      )

    const dropAsked = (reason: string) => {
      if (asked !== undefined) Deferred.doneUnsafe(asked.done, Exit.fail(unavailable("step", reason)))
    }

    return {
      phase: () => ended !== undefined ? Exit.isSuccess(ended) ? "finished" : "failed" : running ? "running" : "paused",
      pause: Effect.suspend(() => {
        dropAsked("the training was paused")
        halt()
        return turn.withPermit(Effect.void)
      }),
      resume: Effect.andThen(
        refuseWhenOver("resume"),
        Effect.sync(() => {
          running = true
          go.openUnsafe()
        })
      ),
      step: (count) =>
        Effect.gen(function*() {
          const mine = { left: count, done: yield* Deferred.make<Point, E | TrainingUnavailable>() }
          yield* turn.withPermit(Effect.andThen(
            refuseWhenOver("step"),
            Effect.sync(() => {
              running = false
              asked = mine
              go.openUnsafe()
            })
          ))
          return yield* Effect.onInterrupt(Deferred.await(mine.done), () =>
            Effect.sync(() => {
              if (asked !== mine) return
              asked = undefined
              if (!running) go.closeUnsafe()
            }))
        }).pipe(oneStepper.withPermit),
      watch: (options) =>
        Stream.unwrap(Effect.map(
          Effect.acquireRelease(
            Effect.sync(() => {
              const feed = makeFeed<E>(options, history.waiting())
              if (ended === undefined) feeds.add(feed)
              else feed.end(ended)
              return feed
            }),
            (feed) =>
              Effect.sync(() => {
                feeds.delete(feed)
                // A training that waits for this consumer waits no longer.
                feed.end(Exit.void)
              })
          ),
          (feed) => Stream.fromPull(Effect.succeed(feed.take))
        )),
      beside: (effect) => untilClosed(looking.withPermit(effect)),
      along: (stream) =>
        Stream.unwrap(
          Effect.as(Effect.acquireRelease(looking.take(1), () => looking.release(1)), stream)
        ).pipe(Stream.interruptWhen(Deferred.await(closing))),
      between: (effect) => untilClosed(turn.withPermit(effect))
    }
  })
