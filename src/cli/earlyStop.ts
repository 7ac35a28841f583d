import { Effect } from "effect"
import type { FileSystem, Path } from "effect"
import type { Judging } from "../experiment/ending.ts"
import type { Run } from "../experiment/run/format.ts"
import { metrics } from "../experiment/run/read.ts"

/**
 * What was monitored in the validations of a run up to the step `taken`, so that one that goes on ends where it would
 * have ended without a stop. One that was made longer, after the step `patienceFrom`, began to wait anew there: of the
 * validations before it the best value alone counts.
 */
export const earlierValidations = (
  folder: string,
  { mode, monitor, patienceFrom, taken }: Judging & Pick<Run, "patienceFrom"> & { readonly taken: number }
): Effect.Effect<ReadonlyArray<number>, never, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    Effect.orElseSucceed(metrics(folder), (): Record<string, ReadonlyArray<{ readonly step: number }>> => ({})),
    ({ validation = [] }) => {
      const found = validation.filter(({ step }) => step <= taken).flatMap((line) => {
        const value = monitor({ validation: line })
        return value === undefined ? [] : [{ step: line.step, value }]
      })
      const before = found.filter(({ step }) => step <= (patienceFrom ?? -1)).map(({ value }) => value)
      const best = mode === "min" ? Math.min(...before) : Math.max(...before)
      return [...(before.length === 0 ? [] : [best]), ...found.slice(before.length).map(({ value }) => value)]
    }
  )
