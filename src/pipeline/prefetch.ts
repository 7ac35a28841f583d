import { Stream } from "effect"
import type { DataError } from "../core/errors.ts"
import { positiveInteger } from "./check.ts"

/**
 * Lets a fiber of its own run ahead by up to `n` elements, so that reading and decoding go on while a training step
 * waits for its device. Put it last, after the batches are made.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * await Effect.runPromise(Stream.runCollect(Stream.range(1, 3).pipe(Pipeline.prefetch(2)))) // => [1, 2, 3]
 * ```
 */
export const prefetch = (n: number) => <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | DataError, R> => {
  const invalid = positiveInteger("Pipeline.prefetch", "n", n)
  return invalid === undefined ? Stream.buffer(self, { capacity: n }) : Stream.fail(invalid)
}
