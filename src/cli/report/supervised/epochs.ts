import { mean } from "../curve.ts"
import type { TrainLine } from "./record.ts"

/** The means of an epoch over its examples. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number
  readonly firstStep: number
  readonly lastStep: number
  readonly loss: number
  readonly accuracy: number
}

/** The epochs of a run, the last one as far as it came. */
export const epochs = (lines: ReadonlyArray<TrainLine>): ReadonlyArray<Epoch> =>
  [...Map.groupBy(lines, ({ epoch }) => epoch)].map(([epoch, part]) => ({
    epoch: epoch + 1,
    firstStep: part[0]!.step,
    lastStep: part.at(-1)!.step,
    loss: mean(part, ({ loss }) => loss),
    accuracy: mean(part, ({ accuracy }) => accuracy)
  }))
