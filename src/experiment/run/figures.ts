import { merged, mergeIn } from "../../metrics/merge.ts"
import type { Merging } from "../../metrics/merge.ts"
import type { Figures } from "./format.ts"
import { isSplit } from "./lines.ts"
import type { Line } from "./lines.ts"

const places: ReadonlySet<string> = new Set(["step", "steps", "epoch", "endOfEpoch", "examplesPerSecond", "split"])

/** What was measured, and on how many examples, without where it was and without what was measured on other splits. */
export const figuresIn = (element: Figures): Figures =>
  Object.fromEntries(Object.entries(element).filter(([name, value]) => !places.has(name) && !isSplit(value)))

/** What the steps of an epoch measured together, as far as they came. */
export interface EpochFigures {
  readonly add: (element: Figures) => void
  readonly now: () => Figures | undefined
}

/** @param earlier the lines of an epoch that a run goes on with, which say no more than numbers: they are averaged. */
export const epochFigures = (earlier: ReadonlyArray<Line>): EpochFigures => {
  let sums: Merging<Figures> | undefined
  const begun = earlier.at(-1)
  const add = (element: Figures) => {
    const { epoch, size } = element, goesOn = sums !== undefined && sums.last["epoch"] === epoch
    const isBegun = begun !== undefined && begun["epoch"] === epoch
    // Without the parts by which metrics are merged exactly, which the earlier ones lack.
    const figures = isBegun ? Object.fromEntries(Object.entries(element)) : element
    sums = mergeIn(goesOn ? sums : undefined, figures, typeof size === "number" ? size : 1)
  }
  for (const { time: _, ...line } of earlier) add(line)
  return {
    add,
    now: () => sums === undefined ? undefined : { ...figuresIn(merged(sums)), size: sums.size }
  }
}
