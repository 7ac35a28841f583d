import { Clock, Duration, Effect, Stream } from "effect"
import { operator } from "../core/operator.ts"

/** The options of {@link throughput}. */
export interface ThroughputOptions {
  /** The time that the rate is averaged over, by default 5 seconds. */
  readonly window?: Duration.Input
}

type Rate = { readonly examplesPerSecond: number }

/** Examples and the seconds that they took, both with the weight that they have at `nanos`. */
type Counted = { readonly nanos: bigint; readonly examples: number; readonly seconds: number }

/**
 * Adds `examplesPerSecond` to metrics with a `size`: the examples of the steps so far over the time since the stream
 * was started, all that a step waits for included. What is older by one window counts `1/e` of what is new, on both
 * sides of the fraction, so that a steady rate is given exactly from the first step on. It is `NaN` as long as no time
 * has passed by Effect's `Clock`.
 *
 * It stands behind `Metrics.running` and `Metrics.perEpoch`, which would average it as they do other metrics. Throws a
 * `RangeError` for a window that is not above 0.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Metrics } from "effect-neuron"
 *
 * const steps = Stream.make({ step: 1, size: 64 }, { step: 2, size: 64 }).pipe(
 *   Stream.tap(() => Effect.sleep("20 millis")),
 *   Metrics.throughput()
 * )
 * const seen = await Effect.runPromise(Stream.runCollect(steps))
 * seen.every(({ examplesPerSecond }) => examplesPerSecond > 0 && examplesPerSecond < 64 / 0.015) // => true
 * ```
 */
export const throughput: {
  (options?: ThroughputOptions): <M extends { readonly size: number }, E, R>(
    self: Stream.Stream<M, E, R>
  ) => Stream.Stream<M & Rate, E, R>
  <M extends { readonly size: number }, E, R>(
    self: Stream.Stream<M, E, R>,
    options?: ThroughputOptions
  ): Stream.Stream<M & Rate, E, R>
} = /* @__PURE__ */ operator(({ window = "5 seconds" }: ThroughputOptions = {}) => {
  const span = Duration.toSeconds(window)
  if (!(span > 0)) throw new RangeError(`throughput: window must be above 0, got ${span} seconds`)
  return <M extends { readonly size: number }, E, R>(self: Stream.Stream<M, E, R>): Stream.Stream<M & Rate, E, R> =>
    Stream.unwrap(
      Effect.map(
        Clock.currentTimeNanos,
        (start) =>
          Stream.mapAccumEffect(
            self,
            (): Counted => ({ nanos: start, examples: 0, seconds: 0 }),
            (before, metrics: M) =>
              Effect.map(Clock.currentTimeNanos, (nanos) => {
                const passed = Number(nanos - before.nanos) / 1e9, weight = Math.exp(-passed / span)
                const examples = before.examples * weight + metrics.size, seconds = before.seconds * weight + passed
                const examplesPerSecond = seconds > 0 ? examples / seconds : NaN
                return [{ nanos, examples, seconds }, [{ ...metrics, examplesPerSecond }]] as const
              })
          )
      )
    )
})
