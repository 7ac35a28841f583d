import { Stream } from "effect"

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

/**
 * Ends a stream when a monitored value has not improved for `patience` elements: it was not below (`mode: "max"`: above)
 * the best one so far by more than `minDelta`. A value that is not a number is no improvement. On a stream of epochs
 * (`Metrics.perEpoch`) patience counts epochs.
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
export const earlyStopping = <A>(options: {
  readonly monitor: (element: A) => number
  readonly patience: number
  readonly minDelta?: number
  readonly mode?: "min" | "max"
}): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R> => {
  const { minDelta = 0, mode = "min", monitor, patience } = options
  if (!Number.isInteger(patience) || patience < 1) {
    throw new RangeError(`patience is a positive integer, got ${patience}`)
  }
  const sign = mode === "min" ? 1 : -1
  return stopAfter(() => ({ best: Infinity, waited: 0 }), ({ best, waited }, element: A) => {
    const value = sign * monitor(element)
    return value < best - minDelta || (best === Infinity && value < best)
      ? [{ best: value, waited: 0 }, false]
      : [{ best, waited: waited + 1 }, waited + 1 >= patience]
  })
}

/**
 * Ends a stream when the mean of a monitored value over the last `window` elements is at or below `threshold`; not
 * before there are that many.
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
export const stopBelow = <A>(options: {
  readonly monitor: (element: A) => number
  readonly threshold: number
  readonly window?: number
}): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R> => {
  const { monitor, threshold, window = 5 } = options
  if (!Number.isInteger(window) || window < 1) throw new RangeError(`window is a positive integer, got ${window}`)
  return stopAfter((): ReadonlyArray<number> => [], (last, element: A) => {
    const values = [...last, monitor(element)].slice(-window)
    return [values, values.length === window && values.reduce((a, b) => a + b) / window <= threshold]
  })
}
