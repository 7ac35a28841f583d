import { capital } from "../../../src/experiment/report/numbers.ts"
import type { Others, Series } from "../state/series.ts"
import { words } from "./palette.ts"

/** What there is to know of a metric, beyond what its name says. */
interface Known {
  readonly title?: string
  readonly unit?: string
  /** The direction in which it becomes better. */
  readonly better?: "lower" | "higher"
  /** Between 0 and 1, say: its chart is never logarithmic. */
  readonly linear?: boolean
  /** A part of all, which is told in percent. */
  readonly isPart?: boolean
  /** Of the training alone and no matter of chance: it is neither smoothed nor cut. */
  readonly exact?: boolean
}

/** A chart: a metric, of training and of validation. */
export interface Definition extends Known {
  /** The name of its metric. */
  readonly id: string
  readonly title: string
}

/** Metrics with a name that is known, in the order of their charts; others come behind them. */
const known: { readonly [name: string]: Known } = {
  loss: { better: "lower" },
  accuracy: { better: "higher", linear: true, isPart: true },
  top5Accuracy: { title: "Top-5 accuracy", better: "higher", linear: true, isPart: true },
  f1: { title: "F1", better: "higher", linear: true },
  auc: { title: "Area under the ROC curve", better: "higher", linear: true },
  perplexity: { better: "lower" },
  generatorLoss: {},
  criticLoss: {},
  slicedWasserstein: { title: "Sliced Wasserstein distance", better: "lower" },
  frechet: { title: "Fréchet distance", better: "lower" },
  learningRate: { exact: true },
  examplesPerSecond: { title: "Throughput", unit: "examples/s", better: "higher", linear: true }
}

const order = Object.keys(known)

/** The direction that the name of an unknown metric suggests. */
const suggested: ReadonlyArray<readonly [name: RegExp, better: "lower" | "higher"]> = [
  [/loss|error|distance|perplexity|entropy|wasserstein|frechet|divergence|penalty|mse$|mae$/i, "lower"],
  [/accuracy|precision|recall|f1|auc|score|coverage|iou|psnr|ssim|r2$/i, "higher"]
]

/** The chart of a metric, whatever it is called. */
export const definitionOf = (name: string): Definition => {
  const better = suggested.find(([pattern]) => pattern.test(name))?.[1]
  return {
    id: name,
    title: capital(words(name)),
    ...(better === undefined ? {} : { better }),
    ...known[name]
  }
}

/** What others call the validation of a metric: `val_loss`, `validationLoss`. */
const VALIDATION = /^(?:val|valid|validation|eval)(?:[_./ ]+(.)|(?=([A-Z])))/

/** The metric that a name is of, and whether the name says that it was measured in validation. */
export const metricOf = (name: string): { readonly metric: string; readonly isValidation: boolean } => {
  if (!VALIDATION.test(name)) return { metric: name, isValidation: false }
  const rest = name.replace(VALIDATION, (_, first = "") => first)
  return { metric: rest.charAt(0).toLowerCase() + rest.slice(1), isValidation: true }
}

// Where a step is, rather than what was measured at it.
const places = new Set(["step", "steps", "size", "epoch", "time"])

/** Whether a number of a step says where that is, rather than what was measured. */
export const isPlace = (name: string): boolean => places.has(name)

interface Measured {
  readonly train: Series
  readonly others: Others
}

/** What has never been anything but zero, a penalty that there is not, has no chart. */
const isSomething = (values: ReadonlyArray<number>): boolean =>
  values.some((value) => value !== 0 && !Number.isNaN(value))

/** The metrics that runs have: those that are known in their order, then others as they come. */
export const metricsOf = (runs: ReadonlyArray<Measured>): ReadonlyArray<string> => {
  const names = new Set(
    runs.flatMap(({ others, train }) =>
      [train, ...Object.values(others)].flatMap(({ values }) => Object.entries(values))
        .filter(([name, values]) => !isPlace(name) && isSomething(values)).map(([name]) => metricOf(name).metric)
    )
  )
  const place = (name: string) => order.includes(name) ? order.indexOf(name) : order.length
  return [...names].sort((a, b) => place(a) - place(b))
}
