import type { Examined } from "../../examine.ts"
import type { Figures } from "../../run/format.ts"
import type { Line, Recorded } from "../record.ts"

/** What a test gave: its numbers by name, and the examples that it was of. */
export interface Tested {
  readonly figures?: Figures
  readonly examined?: Examined
}

/** The numbers of a test, also where only its examples are known; nothing where there was none. */
export const measuredIn = ({ examined, figures }: Tested): Figures | undefined => {
  if (figures !== undefined || examined === undefined) return figures
  const { losses, matrix, size } = examined
  const loss = losses.length === 0 ? undefined : losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  return {
    size,
    ...(loss === undefined ? {} : { loss }),
    ...(matrix === undefined ? {} : { accuracy: matrix.accuracy })
  }
}

/** The lines of the split `test`, with that of a test that has not written one. */
export const testLines = ({ others: { test = [] }, run }: Recorded, tested: Tested): ReadonlyArray<Line> => {
  const figures = measuredIn(tested), step = tested.examined?.step ?? run.step
  if (figures === undefined || test.some((line) => line.step === step)) return test
  const { size } = figures
  return [...test, { ...figures, split: "test", step, size: typeof size === "number" ? size : 1 }]
}
