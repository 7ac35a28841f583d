import { Cause, Effect, Scope, Stream } from "effect"
import type { Pull } from "effect"
import { currentDevice } from "../backend/device.ts"
import { deviceError } from "../core/errors.ts"
import type { DeviceError, NonFiniteError, TensorError } from "../core/errors.ts"
import type { Tree } from "../core/Tree.ts"
import { withBatch } from "./finiteBatch.ts"
import { finiteCheck, nonFiniteState } from "./finiteState.ts"
import type { LiveState } from "./liveState.ts"
import { discard, nonFiniteLoss, readAll } from "./readMetrics.ts"
import type { Measured, Metrics, Step } from "./Step.ts"

/** A step that was taken, and whose metrics are yet to be read. */
type Taken<T, B, M> = {
  readonly before: T
  readonly batch: B
  readonly step: number
  readonly measured: M
  readonly bad: NonFiniteError | undefined
}

/**
 * A step for each batch, and the metrics of `readEvery` steps read together, without holding up this thread or the
 * device that computes. What was taken is read and emitted before the stream ends or fails.
 */
export const readTogether = <T extends Tree & { readonly step: number }, B, M extends Measured, E, R, E2, R2>(options: {
  readonly batches: Stream.Stream<B, E2, R2>
  readonly step: Step<T, B, M, E, R>
  readonly state: LiveState<T>
  readonly atomic: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly breathe: Effect.Effect<void>
  readonly readEvery: number
}): Stream.Stream<Metrics<M>, E | E2 | TensorError | NonFiniteError | DeviceError, R | R2> => {
  const { atomic, batches, breathe, readEvery, state, step } = options
  type Group = readonly [Metrics<M>, ...Array<Metrics<M>>]
  type Failure = E | E2 | TensorError | NonFiniteError | DeviceError
  type Next = Pull.Pull<Group, Failure, void, R>

  return Stream.transformPull(batches, (upstream, scope) => {
    let unread: ReadonlyArray<Taken<T, B, M>> = []
    let waiting: ReadonlyArray<B> = []
    let end: Cause.Cause<Failure | Cause.Done> | undefined

    const take = (batch: B): Effect.Effect<void, E | TensorError | DeviceError, R> =>
      Effect.suspend(() => {
        const before = state.now()
        return Effect.flatMap(step(before, batch), ([next, measured]) => {
          const late = state.advance(next)
          if (late !== undefined) {
            discard([measured])
            return Effect.fail(late)
          }
          const bad = currentDevice() === undefined ? nonFiniteState(next, before) : undefined
          unread = [...unread, { before, batch, step: next.step, measured, bad }]
          return Effect.void
        })
      }).pipe(Effect.mapError((error) => deviceError(error) ?? error), atomic)

    /** Reads what is unread; the state is good then, or the last that was. */
    const settle: Effect.Effect<
      { readonly metrics: ReadonlyArray<Metrics<M>>; readonly bad?: NonFiniteError },
      TensorError
    > = Effect
      .suspend(() => {
        const taken = unread, next = state.now(), { before } = taken.at(-1)!
        unread = []
        const check = currentDevice() === undefined ? undefined : finiteCheck(next)
        return Effect.gen(function*() {
          const steps = taken.map(({ measured }) => measured)
          const sums = yield* Effect.tapError(
            check?.sums ?? Effect.succeed([]),
            () => Effect.sync(() => discard(steps))
          )
          const [values, [read]] = yield* readAll(steps, sums)
          const stateError = check === undefined ? undefined : yield* check.conclude(read?.data ?? [], before)
          const errors = values.map((value, i) =>
            nonFiniteLoss(value, taken[i]!.step, taken[i]!.before) ?? taken[i]!.bad
          )
          const metrics = values.map((value, i) =>
            Object.assign({ step: taken[i]!.step }, value) as unknown as Metrics<M>
          )
          const first = errors.findIndex((error) => error !== undefined)
          const bad = errors[first] ?? stateError
          if (bad === undefined) {
            state.confirm()
            return { metrics }
          }
          state.goBack()
          return { metrics: metrics.slice(0, first < 0 ? -1 : first), bad: withBatch(bad, taken.at(first)!.batch) }
        })
      }).pipe(Effect.onError(() => Effect.sync(state.goBack)))

    const readUnread: Next = atomic(Effect.matchEffect(settle, {
      onFailure: (error): Next => Effect.fail(deviceError(error) ?? error),
      onSuccess: ({ bad, metrics }): Next => {
        if (bad !== undefined) end = Cause.fail(bad)
        return end !== undefined && metrics.length === 0
          ? Effect.failCause(end)
          : Effect.succeed(metrics as unknown as Group)
      }
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
        () => unread.length < readEvery && unread.at(-1)!.bad === undefined ? collect : readUnread
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
    // Of what nobody asks for any more it still counts whether it was finite.
    const stop = atomic(Effect.suspend(() => unread.length === 0 ? Effect.void : Effect.ignore(settle)))
    return Effect.as(Scope.addFinalizer(scope, stop), next)
  })
}
