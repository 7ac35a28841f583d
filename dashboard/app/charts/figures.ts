import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { definitionOf, isPlace, metricOf, metricsOf } from "./definitions.ts"
import { format, words } from "./palette.ts"

/** A number of a run, and what it is. */
export type Figure = readonly [name: string, value: string]

const MOST = { training: 2, validation: 3 }

// It has a place of its own behind the others.
const SPEED = "examplesPerSecond"

/** A value of a metric, in percent where that is usual. */
export const valueOf = (name: string, value: number | undefined): string =>
  definitionOf(name).isPart && value !== undefined ? `${(100 * value).toFixed(1)} %` : format(value)

/**
 * What is to know of a run at a glance: the losses of training, what was measured in validation, in the order of the
 * charts, and how fast it is.
 */
export const figuresOf = ({ test, train }: Pick<Run, "test" | "train">): ReadonlyArray<Figure> => {
  const names = metricsOf([{ train, test }]),
    losses = names.filter((name) => /loss$/i.test(name) && name in train.values)
  const validated = names.filter((name) => name in test.values && !isPlace(metricOf(name).metric))
  const speed = lastOf(train, SPEED)
  return [
    ...losses.slice(0, MOST.training).map((name): Figure => [words(name), valueOf(name, lastOf(train, name))]),
    ...validated.slice(0, MOST.validation).map((name): Figure => [
      name in train.values ? `validation ${words(name)}` : words(name),
      valueOf(name, lastOf(test, name))
    ]),
    ...speed === undefined ? [] : [["examples/s", format(speed)] as const]
  ]
}
