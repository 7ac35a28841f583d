import { Effect, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import { metrics } from "../experiment/run/read.ts"
import * as Train from "../train/index.ts"
import { at } from "./figures.ts"

type Mode = "min" | "max"

/**
 * What was monitored in the validations of a run so far, so that one that goes on ends where it would have ended without
 * a stop. One that is to be longer than it was begins to wait anew: what counts is the best value alone.
 */
export const earlierValidations = (
  folder: string,
  { hasGrown, mode, monitor, taken }: {
    readonly hasGrown: boolean
    readonly mode: Mode
    readonly monitor: string
    readonly taken: number
  }
): Effect.Effect<ReadonlyArray<number>, never, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    Effect.orElseSucceed(metrics(folder), (): Record<string, ReadonlyArray<{ readonly step: number }>> => ({})),
    ({ validation = [] }) => {
      const values = validation.filter(({ step }) => step <= taken).flatMap((line) => {
        const value = at({ validation: line }, monitor)
        return value === undefined ? [] : [value]
      })
      return hasGrown && values.length > 0 ? [mode === "min" ? Math.min(...values) : Math.max(...values)] : values
    }
  )

/** Ends a training when the last `patience` validations were no better than one before them; 0 is without an end. */
export const untilOver = <A>({ earlier, mode, patience, valueOf }: {
  readonly earlier: ReadonlyArray<number>
  readonly mode: Mode
  readonly patience: number
  readonly valueOf: (element: A) => number | undefined
}) =>
<E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
  patience === 0 ? self : Stream.concat(
    Stream.fromIterable(earlier.map((value): Judged<A> => ({ value, elements: [] }))),
    Stream.map(self, (element): Judged<A> => ({ value: valueOf(element), elements: [element] }))
  ).pipe(
    Train.earlyStopping({ monitor: ({ value }: Judged<A>) => value, mode, patience }),
    Stream.flatMap(({ elements }) => Stream.fromIterable(elements))
  )

type Judged<A> = { readonly value: number | undefined; readonly elements: ReadonlyArray<A> }
