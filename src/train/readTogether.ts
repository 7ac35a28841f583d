import { Cause, Effect, Scope, Stream } from "effect"
import type { Pull } from "effect"
import { deviceError } from "../core/errors.ts"
import type { DeviceError, NonFiniteError } from "../core/errors.ts"
import type { LiveState } from "./liveState.ts"
import { discard, nonFinite, readAll } from "./readMetrics.ts"
import type { Measured, Metrics, Step } from "./Step.ts"

/** A step that was taken, and whose metrics are yet to be read. */
type Taken<T, M> = { readonly before: T; readonly step: number; readonly measured: M }

/**
 * A step for each batch, and the metrics of `readEvery` steps read together, without holding up this thread or the
 * device that computes. What was taken is read and emitted before the stream ends or fails.
 */
export const readTogether = <T extends { readonly step: number }, B, M extends Measured, E, R, E2, R2>(options: {
  readonly batches: Stream.Stream<B, E2, R2>
  readonly step: Step<T, B, M, E, R>
  readonly state: LiveState<T>
  readonly atomic: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly breathe: Effect.Effect<void>
  readonly readEvery: number
}): Stream.Stream<Metrics<M>, E | E2 | NonFiniteError | DeviceError, R | R2> => {
  const { atomic, batches, breathe, readEvery, state, step } = options
  type Group = readonly [Metrics<M>, ...Array<Metrics<M>>]
  type Failure = E | E2 | NonFiniteError | DeviceError
  type Next = Pull.Pull<Group, Failure, void, R>

  return Stream.transformPull(batches, (upstream, scope) => {
    let unread: ReadonlyArray<Taken<T, M>> = []
    let waiting: ReadonlyArray<B> = []
    let end: Cause.Cause<Failure | Cause.Done> | undefined

    const take = (batch: B): Effect.Effect<void, E | DeviceError, R> =>
      Effect.suspend(() => {
        const before = state.now()
        return Effect.map(step(before, batch), ([next, measured]) => {
          state.advance(next)
          unread = [...unread, { before, step: next.step, measured }]
        })
      }).pipe(Effect.mapError((error) => deviceError(error) ?? error), atomic)

    const readUnread: Next = atomic(Effect.suspend(() => {
      const taken = unread
      unread = []
      return Effect.matchEffect(readAll(taken.map(({ measured }) => measured)), {
        onFailure: (error): Next => {
          state.goBack()
          const failure = deviceError(error)
          return failure === undefined ? Effect.die(error) : Effect.fail(failure)
        },
        onSuccess: (values): Next => {
          const errors = values.map((value, i) => nonFinite(value, taken[i]!.step, taken[i]!.before))
          const bad = errors.findIndex((error) => error !== undefined)
          if (bad < 0) state.confirm()
          else {
            state.goBack()
            end = Cause.fail(errors[bad]!)
            if (bad === 0) return Effect.failCause(end)
          }
          const metrics = values.map((value, i) => ({ step: taken[i]!.step, ...value }) as Metrics<M>)
          return Effect.succeed((bad < 0 ? metrics : metrics.slice(0, bad)) as unknown as Group)
        }
      })
    }))

    const collect: Next = Effect.suspend((): Next => {
      const [batch, ...rest] = waiting
      if (batch === undefined) {
        return Effect.flatMap(upstream as Pull.Pull<ReadonlyArray<B>, E2, void>, (more) => {
          waiting = more
          return collect
        })
      }
      waiting = rest
      return Effect.flatMap(
        Effect.andThen(breathe, take(batch)),
        () => unread.length < readEvery ? collect : readUnread
      )
    })

    const next: Next = Effect.suspend((): Next =>
      end !== undefined
        ? Effect.failCause(end)
        : Effect.catchCause(collect, (cause): Next => {
          if (unread.length === 0) return Effect.failCause(cause)
          end = cause
          return readUnread
        })
    )
    const stop = Effect.sync(() => {
      discard(unread.map(({ measured }) => measured))
      unread = []
      state.confirm()
    })
    return Effect.as(Scope.addFinalizer(scope, stop), next)
  })
}
