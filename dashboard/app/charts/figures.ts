import { count, duration } from "../../../src/experiment/report/numbers.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { definitionOf, isPlace, metricOf, metricsOf } from "./definitions.ts"
import { format, words } from "./palette.ts"

/** A number of a run, and what it is. */
export type Figure = readonly [name: string, value: string]

const MOST = { training: 2, others: 3 }

// It has a place of its own behind the others.
const SPEED = "examplesPerSecond"

/** A value of a metric, in percent where that is usual. */
export const valueOf = (name: string, value: number | undefined): string =>
  definitionOf(name).isPart && value !== undefined ? `${(100 * value).toFixed(1)} %` : format(value)

/** How far the training of a run is to go. */
export interface Length {
  readonly steps: number
  readonly stepsPerEpoch?: number | undefined
}

// So many seconds of training tell how fast it is now.
const RECENT = 30

/** The seconds that steps take, each, as of late; nothing before two of them are known. */
const secondsPerStep = ({ steps, values }: Run["train"]): number | undefined => {
  const times = values["time"] ?? [], last = times.findLastIndex((time) => !Number.isNaN(time))
  if (last < 1) return undefined
  // At least one element, however long it is, of a run that has gone on for days.
  let first = last
  for (let i = last - 1; i >= 0 && (first === last || times[last]! - times[i]! <= RECENT); i--) {
    if (!Number.isNaN(times[i]!)) first = i
  }
  return first === last ? undefined : (times[last]! - times[first]!) / (steps[last]! - steps[first]!)
}

/** How far a run is: its step and its epoch, of how many, and what time is left of it while it is `going`. */
export const courseOf = (
  run: Pick<Run, "train" | "stepsPerEpoch">,
  length: Length | undefined,
  going: boolean
): ReadonlyArray<Figure> => {
  const step = run.train.steps.at(-1) ?? 0, stepsPerEpoch = length?.stepsPerEpoch ?? run.stepsPerEpoch
  const of = (total: number | undefined) => total === undefined ? "" : ` of ${count(total)}`
  const epochs = (steps: number) => Math.max(1, Math.ceil(steps / stepsPerEpoch!))
  const pace = secondsPerStep(run.train), left = length === undefined ? 0 : length.steps - step
  return [
    ["step", `${count(step)}${of(length?.steps)}`],
    ...stepsPerEpoch === undefined
      ? []
      : [["epoch", `${count(epochs(step))}${of(length && epochs(length.steps))}`] as const],
    ...going && left > 0 && pace !== undefined ? [["time left", duration(left * pace)] as const] : []
  ]
}

/**
 * What is to know of a run at a glance: the losses of training, what was measured beside, each by what it was measured
 * on, in the order of the charts, and how fast it is.
 */
export const figuresOf = ({ others, train }: Pick<Run, "others" | "train">): ReadonlyArray<Figure> => {
  const names = metricsOf([{ train, others }]),
    losses = names.filter((name) => /loss$/i.test(name) && name in train.values)
  const beside = Object.entries(others).flatMap(([split, series]) =>
    names.filter((name) => name in series.values && !isPlace(metricOf(name).metric)).slice(0, MOST.others)
      .map((name) => ({ name, series, split }))
  )
  const isAlone = (name: string) =>
    !(name in train.values) && beside.filter((figure) => figure.name === name).length === 1
  const speed = lastOf(train, SPEED)
  return [
    ...losses.slice(0, MOST.training).map((name): Figure => [words(name), valueOf(name, lastOf(train, name))]),
    ...beside.map(({ name, series, split }): Figure => [
      split === "validation" && isAlone(name) ? words(name) : `${words(split)} ${words(name)}`,
      valueOf(name, lastOf(series, name))
    ]),
    ...speed === undefined ? [] : [["examples/s", format(speed)] as const]
  ]
}
