import type { TrainLine } from "./readRun.ts"

const BINS = 200

/** Steps beside each other as one point: the mean of a measure over their examples, and its extremes. */
export interface Bin {
  /** The middle of the steps. */
  readonly step: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** A measure over the steps as at most 200 points, each of equally many steps; the last one may have fewer. */
export const curve = (
  lines: ReadonlyArray<TrainLine>,
  measure: "loss" | "accuracy"
): { readonly bins: ReadonlyArray<Bin>; readonly stepsPerBin: number } => {
  const stepsPerBin = Math.max(1, Math.ceil(lines.length / BINS))
  const bins: Array<Bin> = []
  for (let at = 0; at < lines.length; at += stepsPerBin) {
    const part = lines.slice(at, at + stepsPerBin), values = part.map((line) => line[measure])
    bins.push({
      step: (part[0]!.step + part.at(-1)!.step) / 2,
      mean: mean(part, measure),
      low: Math.min(...values),
      high: Math.max(...values)
    })
  }
  return { bins, stepsPerBin }
}

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
    loss: mean(part, "loss"),
    accuracy: mean(part, "accuracy")
  }))

const mean = (lines: ReadonlyArray<TrainLine>, measure: "loss" | "accuracy"): number => {
  let sum = 0, size = 0
  for (const line of lines) {
    sum += line[measure] * line.size
    size += line.size
  }
  return sum / size
}
