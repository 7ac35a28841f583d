import { Effect } from "effect"
import type { FileSystem, Path } from "effect"
import type { Judging } from "../experiment/ending.ts"
import { metrics } from "../experiment/run/read.ts"

/**
 * What was monitored in the validations of a run so far, so that one that goes on ends where it would have ended without
 * a stop. One that is to be longer than it was begins to wait anew: what counts is the best value alone.
 */
export const earlierValidations = (
  folder: string,
  { hasGrown, mode, monitor, taken }: Judging & { readonly hasGrown: boolean; readonly taken: number }
): Effect.Effect<ReadonlyArray<number>, never, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    Effect.orElseSucceed(metrics(folder), (): Record<string, ReadonlyArray<{ readonly step: number }>> => ({})),
    ({ validation = [] }) => {
      const values = validation.filter(({ step }) => step <= taken).flatMap((line) => {
        const value = monitor({ validation: line })
        return value === undefined ? [] : [value]
      })
      return hasGrown && values.length > 0 ? [mode === "min" ? Math.min(...values) : Math.max(...values)] : values
    }
  )
