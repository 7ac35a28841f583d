import { Stream } from "effect"

/**
 * What one training step reports about itself; next to these four stand the metrics, which are numbers: `loss`,
 * `accuracy`, …
 */
export type StepMetrics = {
  /** The number of the step, over all epochs. */
  readonly step: number
  readonly epoch: number
  /** The number of examples in its batch, the weight of its metrics. */
  readonly size: number
  /** Whether it is the last one of its epoch. */
  readonly endOfEpoch: boolean
}

type Sum = { readonly total: number; readonly weight: number }

/** An epoch so far: its last step, its number of examples, and the weighted sum of each metric. */
type Sums<M> = { readonly last: M; readonly size: number; readonly metrics: ReadonlyMap<string, Sum> }

const bookkeeping: ReadonlySet<string> = new Set(
  ["step", "epoch", "size", "endOfEpoch"] satisfies Array<keyof StepMetrics>
)

const add = <M extends StepMetrics>(before: Sums<M> | undefined, step: M): Sums<M> => {
  const soFar = before?.last.epoch === step.epoch ? before : undefined
  const metrics = new Map(soFar?.metrics)
  for (const [name, value] of Object.entries(step)) {
    if (typeof value !== "number" || bookkeeping.has(name)) continue
    const { total, weight } = metrics.get(name) ?? { total: 0, weight: 0 }
    // A mean over no examples is NaN, and says nothing about the others.
    if (step.size > 0) metrics.set(name, { total: total + value * step.size, weight: weight + step.size })
  }
  return { last: step, size: (soFar?.size ?? 0) + step.size, metrics }
}

const means = <M extends StepMetrics>(sums: Sums<M>, size: number): M => {
  const averaged = [...sums.metrics].map(([name, { total, weight }]) => [name, total / weight] as const)
  return { ...sums.last, size, ...Object.fromEntries(averaged) }
}

/**
 * Replaces the metrics of each step by their mean since the start of its epoch, weighted by the number of examples;
 * `step`, `epoch`, `size` and `endOfEpoch` stay those of the step. Every number beside these four counts as a metric,
 * and what is no number is passed on. A metric that is `NaN` once is `NaN` until its epoch ends.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Metrics } from "effect-neuron"
 *
 * const steps = Stream.make(
 *   { step: 1, epoch: 0, size: 3, endOfEpoch: false, loss: 4 },
 *   { step: 2, epoch: 0, size: 1, endOfEpoch: true, loss: 8 },
 *   { step: 3, epoch: 1, size: 3, endOfEpoch: false, loss: 2 }
 * )
 * const losses = steps.pipe(Metrics.running, Stream.map(({ loss }) => loss), Stream.runCollect)
 * await Effect.runPromise(losses) // => [4, 5, 2]
 * ```
 */
export const running = <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>): Stream.Stream<M, E, R> =>
  Stream.mapAccum(self, (): Sums<M> | undefined => undefined, (before, step: M) => {
    const sums = add(before, step)
    return [step.endOfEpoch ? undefined : sums, [means(sums, step.size)]]
  })

/**
 * One element for each epoch: the mean of its metrics, weighted by the number of examples, with `size` the number of
 * its examples and `step` its last step. It comes as soon as the step with `endOfEpoch` does, before the next one is
 * asked for. An epoch that the stream breaks off comes last, with `endOfEpoch` false; also when the stream fails, ahead
 * of the failure. Every number beside `step`, `epoch` and `size` counts as a metric.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Metrics } from "effect-neuron"
 *
 * const steps = Stream.make(
 *   { step: 1, epoch: 0, size: 3, endOfEpoch: false, loss: 4 },
 *   { step: 2, epoch: 0, size: 1, endOfEpoch: true, loss: 8 },
 *   { step: 3, epoch: 1, size: 3, endOfEpoch: false, loss: 2 }
 * )
 * await Effect.runPromise(Stream.runCollect(Metrics.perEpoch(steps)))
 * // => [
 * //      { step: 2, epoch: 0, size: 4, endOfEpoch: true, loss: 5 },
 * //      { step: 3, epoch: 1, size: 3, endOfEpoch: false, loss: 2 }
 * //    ]
 * ```
 */
export const perEpoch = <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>): Stream.Stream<M, E, R> =>
  Stream.mapAccum(
    self,
    (): Sums<M> | undefined => undefined,
    (before, step: M) => {
      const brokenOff = before !== undefined && before.last.epoch !== step.epoch ? [means(before, before.size)] : []
      const sums = add(before, step)
      return step.endOfEpoch ? [undefined, [...brokenOff, means(sums, sums.size)]] : [sums, brokenOff]
    },
    { onHalt: (unfinished) => unfinished === undefined ? [] : [means(unfinished, unfinished.size)] }
  )
