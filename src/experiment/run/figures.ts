import { merged, mergeIn } from "../../metrics/merge.ts"
import type { Merging } from "../../metrics/merge.ts"
import type { Figures } from "./format.ts"
import { isSplit } from "./lines.ts"

const places: ReadonlySet<string> = new Set(["step", "steps", "epoch", "endOfEpoch", "examplesPerSecond", "split"])

/** What was measured, and on how many examples, without where it was and without what was measured on other splits. */
export const figuresIn = (element: Figures): Figures =>
  Object.fromEntries(Object.entries(element).filter(([name, value]) => !places.has(name) && !isSplit(value)))

/** What the steps of an epoch measured together, as far as they came. */
export interface EpochFigures {
  readonly add: (element: Figures) => void
  readonly now: () => Figures | undefined
}

export const epochFigures = (): EpochFigures => {
  let sums: Merging<Figures> | undefined
  return {
    add: (element) => {
      const { epoch, size } = element, goesOn = sums !== undefined && sums.last["epoch"] === epoch
      sums = mergeIn(goesOn ? sums : undefined, element, typeof size === "number" ? size : 1)
    },
    now: () => sums === undefined ? undefined : { ...figuresIn(merged(sums)), size: sums.size }
  }
}
