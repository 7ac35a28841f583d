import type { Run as Recorded } from "effect-neuron"
import { noLooks } from "../layers/looks.ts"
import type { Looks } from "../layers/looks.ts"
import type { Choice } from "../training/definition.ts"
import type { Phase } from "./life.ts"
import { noSamples } from "./samples.ts"
import type { Samples } from "./samples.ts"
import { append, empty, seriesOf } from "./series.ts"
import type { Others, Series } from "./series.ts"
import { makeStore } from "./store.ts"

export type { Phase }

type Line = Recorded.Line

/** One training and its course. The series are changed in place; {@link changed} tells of it. */
export interface Run {
  readonly id: string
  readonly name: string
  /** Its place in the palette. */
  readonly color: number
  /** Trained in this page, or read from a run folder. */
  readonly kind: "page" | "folder"
  readonly created: number
  readonly choice?: Choice
  /** What computes it, from its beginning to its end. */
  readonly backend?: string
  /** What a person has to say about it. */
  readonly note: string
  readonly stepsPerEpoch?: number | undefined
  readonly train: Series
  /** What was measured beside the steps, by what it was measured on: validation, test, judged. */
  readonly others: Others
  readonly norms: Series
  /** How weights, gradients and activations were distributed on the way. */
  readonly looks: Looks
  /** What a generator has drawn on the way. */
  readonly samples: Samples
  readonly visible: boolean
  readonly phase: Phase
  /** Why it has failed. */
  readonly reason?: string | undefined
}

/** All runs that the page knows of, the newest first, and the one that it trains. */
export const runs = makeStore<{ readonly all: ReadonlyArray<Run>; readonly current: string | undefined }>({
  all: [],
  current: undefined
})

/** The colors of runs, told apart by people who are color-blind too (Okabe and Ito, 2008). */
const COLORS = 7

/** The color that fewest runs have. */
export const nextColor = (): number => {
  const used = Array.from({ length: COLORS }, () => 0)
  for (const { color } of runs.get().all) used[color]! += 1
  return used.indexOf(Math.min(...used))
}

export const newRun = (fields: Pick<Run, "id" | "name" | "kind"> & Partial<Run>): Run => ({
  color: nextColor(),
  created: Date.now(),
  train: empty(),
  others: {},
  norms: empty(),
  looks: noLooks(),
  samples: noSamples(),
  visible: true,
  note: "",
  phase: "starting",
  ...fields
})

export const addRun = (run: Run): void => {
  runs.set({ all: [run, ...runs.get().all.filter(({ id }) => id !== run.id)] })
}

export const updateRun = (id: string, change: Partial<Run>): void => {
  runs.set({ all: runs.get().all.map((run) => run.id === id ? Object.assign({}, run, change) : run) })
}

export const removeRun = (id: string): void => {
  runs.set({ all: runs.get().all.filter((run) => run.id !== id) })
}

export const findRun = (id: string | undefined): Run | undefined => runs.get().all.find((run) => run.id === id)

/** The run that the page trains, as it is now. */
export const currentRun = (): Run | undefined => findRun(runs.get().current)

/** The number that the next run of the page has in its name: one more than any that there is. */
export const nextNumber = (): number =>
  1 + Math.max(0, ...runs.get().all.map(({ kind, name }) => kind === "page" && Number.parseInt(name) || 0))

/** The number of steps that are known of a run. */
export const stepOf = ({ train }: Run): number => train.steps.at(-1) ?? 0

const numbers = (line: Line): { readonly [name: string]: number } =>
  Object.fromEntries(
    Object.entries(line).filter((entry): entry is [string, number] =>
      typeof entry[1] === "number" && entry[0] !== "step" && entry[0] !== "size"
    )
  )

/** Adds lines of metrics: those of steps, and beside them what was measured on whatever else. */
export const addLines = (run: Pick<Run, "train" | "others">, lines: ReadonlyArray<Line>): void => {
  for (const line of lines) append(seriesOf(run, line.split), line.step, numbers(line))
}

const listeners = new Set<() => void>()
let due = false

/** Tells that series have grown: listeners hear of it at most ten times a second. */
export const changed = (): void => {
  if (due) return
  due = true
  setTimeout(() => {
    due = false
    for (const listener of listeners) listener()
  }, 100)
}

export const onChange = (listener: () => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
