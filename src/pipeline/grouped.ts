import { Cause, Effect, Pull, Result, Stream } from "effect"

/**
 * Makes one of each `size` elements, when it is pulled, so that no more of them are in memory however large the chunks
 * are; `make` is told how many were before. The last group holds what is left, or is dropped.
 */
export const grouped = <A, B, E2>(
  size: number,
  dropRemainder: boolean,
  make: (group: ReadonlyArray<A>, offset: number) => Result.Result<B, E2>
) =>
<E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<B, E | E2, R> =>
  Stream.transformPull(self, (pull) =>
    Effect.sync(() => {
      type Next = Pull.Pull<readonly [B], E | E2>
      let chunk: ReadonlyArray<A> = []
      let at = 0, before = 0, ended = false
      let pending: Array<A> = []
      const flush = (): Next => {
        const result = make(pending, before)
        before += pending.length
        pending = []
        return Result.isSuccess(result) ? Effect.succeed([result.success] as const) : Effect.fail(result.failure)
      }
      const fill: Next = Effect.suspend((): Next => {
        while (at < chunk.length && pending.length < size) pending.push(chunk[at++]!)
        return pending.length === size ? flush() : refill
      })
      const refill: Next = Effect.flatMap(pull as Pull.Pull<readonly [A, ...Array<A>], E>, (next) => {
        chunk = next
        at = 0
        return fill
      })
      const next: Next = Pull.catchDone(fill, () => {
        ended = true
        return pending.length > 0 && !dropRemainder ? flush() : Cause.done()
      })
      return Effect.suspend((): Next => ended ? Cause.done() : next)
    })) as Stream.Stream<B, E | E2, R>
