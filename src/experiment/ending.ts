import { Stream } from "effect"
import { earlyStopping } from "../train/earlyStopping.ts"
import type { Opened, StepMetrics } from "./Experiment.ts"
import { figureAt } from "./figureAt.ts"

/** Which state is the best: the one whose monitored number is the least, or the greatest. */
export interface Judging {
  readonly mode: "min" | "max"
  readonly monitor: (metrics: object) => number | undefined
}

/** What of the metrics of an experiment tells which state is the best. */
export const judgingOf = ({ validation }: Pick<Opened, "validation">): Judging => ({
  mode: validation?.mode ?? "min",
  monitor: (metrics) => validation && figureAt(metrics, validation.monitor)
})

type Judged = { readonly value: number | undefined; readonly elements: ReadonlyArray<StepMetrics> }

/**
 * Ends a training when the last `patience` validations were no better than one before them, if the configuration has a
 * patience above 0. `earlier` are the values of validations before it goes on.
 */
export const ending =
  (opened: Pick<Opened, "config" | "validation">, earlier: ReadonlyArray<number> = []) =>
  <E, R>(self: Stream.Stream<StepMetrics, E, R>): Stream.Stream<StepMetrics, E, R> => {
    const { mode, monitor } = judgingOf(opened), patience = Number(opened.config["patience"] ?? 0)
    if (!(patience > 0) || opened.validation === undefined) return self
    return Stream.concat(
      Stream.fromIterable(earlier.map((value): Judged => ({ value, elements: [] }))),
      Stream.map(self, (element): Judged => ({ value: monitor(element), elements: [element] }))
    ).pipe(
      earlyStopping({ monitor: ({ value }: Judged) => value, mode, patience }),
      Stream.flatMap(({ elements }) => Stream.fromIterable(elements))
    )
  }
