import type { Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import type { DataError } from "../core/errors.ts"
import { operator } from "../core/operator.ts"
import { grouped } from "./grouped.ts"
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
  return grouped(
    size,
    dropRemainder,
    (examples: ReadonlyArray<Example>, offset) => stack(examples, { offset })
  ) as never
})
