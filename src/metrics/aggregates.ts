import { Stream } from "effect"
import { operator } from "../core/operator.ts"
import { merged, mergeIn } from "./merge.ts"
import type { Merging } from "./merge.ts"
import type { WithMergeable } from "./parts.ts"

/**
 * What one training step reports about itself; next to these four stand the metrics, which are numbers: `loss`,
 * `accuracy`, …
 */
export type StepMetrics = WithMergeable & {
  /** The number of the step, over all epochs. */
  readonly step: number
  readonly epoch: number
  /** The number of examples in its batch, the weight of its metrics. */
  readonly size: number
  /** Whether it is the last one of its epoch. */
  readonly endOfEpoch: boolean
}

const add = <M extends StepMetrics>(before: Merging<M> | undefined, step: M): Merging<M> =>
  mergeIn(before?.last.epoch === step.epoch ? before : undefined, step, step.size)

/** Metrics with what earlier ones of the epoch said and the last ones do not, such as a validation. */
const keeping = <M extends StepMetrics>(before: Merging<M> | undefined, sums: Merging<M>): Merging<M> => {
  if (before === undefined || before.last.epoch !== sums.last.epoch) return sums
  for (const name in before.last) {
    if (!(name in sums.last)) return { ...sums, last: { ...before.last, ...sums.last } }
  }
  return sums
}

const means = <M extends StepMetrics>(sums: Merging<M>, size: number): M => ({ ...merged(sums), size })

/**
 * Replaces the metrics of each step by those of all examples since the start of its epoch, exact for what a trainer
 * emits, and the mean weighted by the number of examples for other numbers; `step`, `epoch`, `size` and `endOfEpoch`
 * stay those of the step. Every number beside these four counts as a metric, and what is no number is passed on. A
 * metric that is `NaN` once is `NaN` until its epoch ends.
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
 * const losses = steps.pipe(Metrics.running(), Stream.map(({ loss }) => loss), Stream.runCollect)
 * await Effect.runPromise(losses) // => [4, 5, 2]
 * ```
 */
export const running: {
  (): <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>) => Stream.Stream<M, E, R>
  <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>): Stream.Stream<M, E, R>
} = /* @__PURE__ */ operator(() => <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>) =>
  Stream.mapAccum(self, (): Merging<M> | undefined => undefined, (before, step: M) => {
    const sums = add(before, step)
    return [step.endOfEpoch ? undefined : sums, [means(sums, step.size)]]
  })
)

/**
 * One element for each epoch: its metrics over all of its examples, exact for what a trainer emits, and the mean
 * weighted by the number of examples for other numbers, with `size` the number of its examples and `step` its last
 * step. It comes as soon as the step with `endOfEpoch` does, before the next one is asked for. An epoch that the stream
 * breaks off comes last, with `endOfEpoch` false; also when the stream fails, ahead of the failure. Every number beside
 * `step`, `epoch` and `size` counts as a metric; of what is no number, a validation say, the last there was is passed
 * on.
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
export const perEpoch: {
  (): <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>) => Stream.Stream<M, E, R>
  <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>): Stream.Stream<M, E, R>
} = /* @__PURE__ */ operator(() => <M extends StepMetrics, E, R>(self: Stream.Stream<M, E, R>) =>
  Stream.mapAccum(
    self,
    (): Merging<M> | undefined => undefined,
    (before, step: M) => {
      const brokenOff = before !== undefined && before.last.epoch !== step.epoch ? [means(before, before.size)] : []
      const sums = keeping(before, add(before, step))
      return step.endOfEpoch ? [undefined, [...brokenOff, means(sums, sums.size)]] : [sums, brokenOff]
    },
    { onHalt: (unfinished) => unfinished === undefined ? [] : [means(unfinished, unfinished.size)] }
  )
)
