import { Cause, Effect, Pull, Result, Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import type { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { stack } from "./stack.ts"
import type { Batch, Example } from "./stack.ts"

export interface BatchOptions {
  /** Whether a last batch that is not full is left out. By default false. */
  readonly dropRemainder?: boolean
}

/**
 * Groups examples into batches of `size`, stacked as by {@link stack}. The last batch holds what is left, or is dropped
 * with `dropRemainder`. A batch is made when it is pulled, so that only one is in memory however large the chunks are.
 *
 * Throws a `RangeError` if the size is no positive integer; fails with a `DataError` if examples of one batch do not
 * agree.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const sizes = Stream.range(1, 10).pipe(
 *   Stream.map((n) => ({ x: NdArray.index(n) })),
 *   Pipeline.batch(4),
 *   Stream.map((batch) => [batch.size, batch.x.shape[0]])
 * )
 * Effect.runSync(Stream.runCollect(sizes)) // => [[4, 4], [4, 4], [2, 2]]
 * ```
 */
export const batch: {
  (
    size: number,
    options?: BatchOptions
  ): <A extends Example, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<Batch<A>, E | DataError, R>
  <A extends Example, E, R>(
    self: Stream.Stream<A, E, R>,
    size: number,
    options?: BatchOptions
  ): Stream.Stream<Batch<A>, E | DataError, R>
} = /* @__PURE__ */ operator((size: number, { dropRemainder = false }: BatchOptions = {}) => {
  positiveInteger("Pipeline.batch", "size", size)
  return <A extends Example, E, R>(self: Stream.Stream<A, E, R>) =>
    Stream.transformPull(self, (pull) =>
      Effect.sync(() => {
        type Next = Pull.Pull<readonly [Batch<A>], E | DataError>
        let chunk: ReadonlyArray<A> = []
        let at = 0, stacked = 0, ended = false
        let pending: Array<A> = []
        const flush = (): Next => {
          const result = stack(pending, { offset: stacked })
          stacked += pending.length
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
      })) as Stream.Stream<Batch<A>, E | DataError, R>
})
