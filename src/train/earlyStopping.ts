import { Stream } from "effect"
import { finite, minOrMax, positiveInteger } from "../core/check.ts"
import { operator } from "../core/operator.ts"

// Emits the element at which `decide` says stop, and nothing after it.
const stopAfter =
  <A, S>(initial: () => S, decide: (state: S, element: A) => readonly [state: S, stop: boolean]) =>
  <E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    self.pipe(
      Stream.mapAccum(initial, (state: S, element: A) => {
        const [next, stop] = decide(state, element)
        return [next, [{ element, stop }]] as const
      }),
      Stream.takeUntil(({ stop }) => stop),
      Stream.map(({ element }) => element)
    )

/** What is monitored, and how long it may stand still. */
export interface EarlyStoppingOptions<A> {
  /** The value of an element; `undefined` where it has none, which does not count. */
  readonly monitor: (element: A) => number | undefined
  readonly patience: number
  /** What an improvement is more than, by default 0. */
  readonly minDelta?: number
  /** Whether smaller values are better (the default) or greater ones. */
  readonly mode?: "min" | "max"
}

/**
 * Ends a stream when a monitored value has not improved for `patience` elements: it was not below (`mode: "max"`:
 * above) the best one so far by more than `minDelta`. NaN is no improvement; an element without a value does not count.
 * On a stream of epochs (`Metrics.perEpoch()`) patience counts epochs. Throws a `RangeError` for a patience that is no
 * positive integer, a `minDelta` that is not finite, and another word as `mode`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Train } from "effect-neuron"
 *
 * const losses = Stream.make(3, 2, 2.5, 2.1, 1).pipe(
 *   Train.earlyStopping({ monitor: (loss) => loss, patience: 2 }),
 *   Stream.runCollect
 * )
 * Effect.runSync(losses) // => [3, 2, 2.5, 2.1]
 * ```
 */
export const earlyStopping: {
  <A>(options: EarlyStoppingOptions<A>): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, options: EarlyStoppingOptions<A>): Stream.Stream<A, E, R>
} = /* @__PURE__ */ operator(<A>({ minDelta = 0, mode = "min", monitor, patience }: EarlyStoppingOptions<A>) => {
  positiveInteger("earlyStopping", "patience", patience)
  finite("earlyStopping", "minDelta", minDelta)
  minOrMax("earlyStopping", mode)
  const sign = mode === "min" ? 1 : -1
  return stopAfter(() => ({ best: Infinity, waited: 0 }), ({ best, waited }, element: A) => {
    const monitored = monitor(element)
    if (monitored === undefined) return [{ best, waited }, false]
    const value = sign * monitored
    return value < best - minDelta || (best === Infinity && value < best)
      ? [{ best: value, waited: 0 }, false]
      : [{ best, waited: waited + 1 }, waited + 1 >= patience]
  })
})

/** What is monitored, and how low its mean has to be. */
export interface StopBelowOptions<A> {
  /** The value of an element; `undefined` where it has none, which does not count. */
  readonly monitor: (element: A) => number | undefined
  readonly threshold: number
  /** Of how many values the mean is, by default 5. */
  readonly window?: number
}

/**
 * Ends a stream when the mean of a monitored value over the last `window` elements is at or below `threshold`; not
 * before there are that many. Throws a `RangeError` for a window that is no positive integer and a
 * threshold that is not finite.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Train } from "effect-neuron"
 *
 * const losses = Stream.make(4, 2, 1, 0.5, 0.1).pipe(
 *   Train.stopBelow({ monitor: (loss) => loss, threshold: 1.5, window: 2 }),
 *   Stream.runCollect
 * )
 * Effect.runSync(losses) // => [4, 2, 1]
 * ```
 */
export const stopBelow: {
  <A>(options: StopBelowOptions<A>): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, options: StopBelowOptions<A>): Stream.Stream<A, E, R>
} = /* @__PURE__ */ operator(<A>({ monitor, threshold, window = 5 }: StopBelowOptions<A>) => {
  positiveInteger("stopBelow", "window", window)
  finite("stopBelow", "threshold", threshold)
  return stopAfter((): ReadonlyArray<number> => [], (last, element: A) => {
    const value = monitor(element)
    if (value === undefined) return [last, false]
    const values = [...last, value].slice(-window)
    return [values, values.length === window && values.reduce((a, b) => a + b) / window <= threshold]
  })
})
