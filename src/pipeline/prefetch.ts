import { Effect, Queue, Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import { operator } from "../core/operator.ts"

/**
 * Lets a fiber of its own run ahead by up to `n` elements, and make one more meanwhile, so that reading and decoding go
 * on while a training step waits for its device. Put it last, after the batches are made. Throws a `RangeError` if `n`
 * is no positive integer.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * await Effect.runPromise(Stream.runCollect(Stream.range(1, 3).pipe(Pipeline.prefetch(2)))) // => [1, 2, 3]
 * ```
 */
export const prefetch: {
  (n: number): <A, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, n: number): Stream.Stream<A, E, R>
} = /* @__PURE__ */ operator((n: number) => {
  positiveInteger("Pipeline.prefetch", "n", n)
  // `Stream.buffer` hands over all it has at once and fills up again: twice as many batches in memory.
  return <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    Stream.unwrap(
      Effect.map(
        Stream.toQueue(self, { capacity: n }),
        (queue) => Stream.fromPull(Effect.succeed(Effect.map(Queue.take(queue), (element) => [element] as const)))
      )
    )
})
