import { Stream } from "effect"

/**
 * Changes each example or batch with a pure function, chunk by chunk.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * Effect.runSync(Stream.runCollect(Stream.range(1, 3).pipe(Pipeline.map((n) => n * n)))) // => [1, 4, 9]
 * ```
 */
export const map = <A, B>(f: (element: A) => B) => <E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<B, E, R> =>
  Stream.map(self, (element) => f(element))

/**
 * Keeps the examples or batches that a predicate accepts.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * Effect.runSync(Stream.runCollect(Stream.range(1, 5).pipe(Pipeline.filter((n) => n % 2 === 1)))) // => [1, 3, 5]
 * ```
 */
export const filter =
  <A>(accepts: (element: A) => boolean) => <E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    Stream.filter(self, accepts)

/**
 * The first `n` examples or batches. Nothing is read beyond them.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Pipeline } from "effect-neuron"
 *
 * Effect.runSync(Stream.runCollect(Stream.range(1, 5).pipe(Pipeline.take(2)))) // => [1, 2]
 * ```
 */
export const take = (n: number) => <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.take(self, n)
