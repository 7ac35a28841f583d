import { Effect, Stream } from "effect"
import type { StepMetrics } from "../../../src/experiment/index.ts"
import { saveJudged } from "../state/database.ts"
import type { Judged } from "../state/database.ts"

// A training ends long before, by its patience.
const MOST = 4096

/** Keeps what is monitored in the validations of a run, so that its patience goes on when the run does. */
export const judging = (
  run: string,
  earlier: ReadonlyArray<Judged>,
  monitor: (metrics: StepMetrics) => number | undefined
) =>
<E, R>(self: Stream.Stream<StepMetrics, E, R>): Stream.Stream<StepMetrics, E, R> => {
  let all = earlier
  return Stream.tap(self, (metrics) => {
    const value = monitor(metrics)
    if (value === undefined) return Effect.void
    // What was kept behind the checkpoint that it goes on from is trained again.
    all = [...all.filter(([step]) => step < metrics.step), [metrics.step, value] as const].slice(-MOST)
    // A browser that cannot keep it says so of the checkpoint.
    return Effect.ignore(Effect.tryPromise(() => saveJudged(run, all)))
  })
}
