import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { definitionOf, isPlace } from "../charts/definitions.ts"
import { atRest } from "../state/life.ts"
import { stepOf } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import type { Series } from "../state/series.ts"

/** What stands in a cell, as it is compared. */
export type Value = string | number | boolean | undefined

/** A run of the table, wherever it is kept. */
export interface Row {
  /** By which it is in the charts. */
  readonly id: string
  readonly where: "browser" | "folder"
  readonly name: string
  readonly note: string
  readonly state: string
  /** Why it has failed, or was stopped, or cannot be read. */
  readonly reason: string | undefined
  /** When it began, in milliseconds since 1970. */
  readonly created: number | undefined
  /** How long it has trained. */
  readonly seconds: number | undefined
  readonly step: number
  readonly experiment: string | undefined
  readonly backend: string | undefined
  readonly config: { readonly [field: string]: unknown }
  /** What was measured, by split and name: `validation accuracy`, `best validation accuracy`. */
  readonly metrics: { readonly [name: string]: number }
  /** Its place in the palette, if it is in the charts. */
  readonly color: number | undefined
  readonly isElsewhere: boolean
  readonly run?: Run
  readonly folder?: RunFolder
}

/** The name of a run in the page that stands for a run folder. */
export const idOf = (folder: string): string => `folder ${folder}`

const bestBefore = new WeakMap<ReadonlyArray<number>, readonly [key: string, value: number]>()

/** The best value of a column, looked for again when it has grown. */
const bestIn = (values: ReadonlyArray<number>, { steps }: Series, better: "lower" | "higher"): number => {
  const key = `${steps.length} ${steps.at(-1)}`, before = bestBefore.get(values)
  if (before?.[0] === key) return before[1]
  let best = NaN
  for (const value of values) {
    if (!(better === "lower" ? value >= best : value <= best) && !Number.isNaN(value)) best = value
  }
  bestBefore.set(values, [key, best])
  return best
}

const measuredIn = (split: string, series: Series): ReadonlyArray<readonly [string, number]> =>
  Object.entries(series.values).filter(([name]) => !isPlace(name)).flatMap(([name, values]) => {
    const { better } = definitionOf(name), last = [`${split} ${name}`, lastOf(series, name) ?? NaN] as const
    return better === undefined || name === "examplesPerSecond"
      ? [last]
      : [last, [`best ${split} ${name}`, bestIn(values, series, better)] as const]
  })

const known = (entries: ReadonlyArray<readonly [string, unknown]>): Row["metrics"] =>
  Object.fromEntries(
    entries.filter((entry): entry is readonly [string, number] =>
      typeof entry[1] === "number" && !Number.isNaN(entry[1])
    )
  )

/** The row of a run that this browser keeps. */
export const rowOfRun = (run: Run, { isCurrent, isElsewhere }: {
  readonly isCurrent: boolean
  readonly isElsewhere: boolean
}): Row => ({
  ...{ id: run.id, where: "browser", name: run.name, note: run.note, run, created: run.created, step: stepOf(run) },
  ...{ color: run.color, isElsewhere },
  state: isElsewhere ? "in another tab" : isCurrent ? run.phase : atRest(run.phase),
  reason: run.reason,
  seconds: lastOf(run.train, "time"),
  experiment: run.choice?.experiment,
  backend: run.backend,
  config: run.choice?.config ?? {},
  metrics: known([
    ...measuredIn("train", run.train),
    ...Object.entries(run.others).flatMap(([split, series]) => measuredIn(split, series))
  ])
})

const splits = ["train", "validation", "test"]

/** The row of a run folder; `color` is that of its run in the charts. */
export const rowOfFolder = (folder: RunFolder, color?: number): Row => {
  const { killed, name, problem, run } = folder, results = run?.results ?? {}
  const created = run === undefined ? NaN : Date.parse(run.created)
  const measured = splits.flatMap((split) =>
    Object.entries(results[split] ?? {}).filter(([name]) => !isPlace(name))
      .map(([name, value]) => [`${split} ${name}`, value] as const)
  )
  return {
    ...{ id: idOf(name), where: "folder", name: run?.name ?? name, note: run?.note ?? "", folder },
    ...{ color, isElsewhere: false },
    state: run === undefined ? "unreadable" : killed ? "killed" : run.state,
    reason: run === undefined ? problem : killed ? `its process is gone; it said that it was ${run.state}` : run.reason,
    created: Number.isNaN(created) ? undefined : created,
    seconds: run?.seconds?.total ?? run?.seconds?.train,
    step: run?.step ?? 0,
    experiment: run?.experiment,
    backend: run?.backend,
    config: run?.config ?? {},
    // What its best checkpoint is judged by is the run's own choice, by default the loss of validation.
    metrics: known([...measured, ["best checkpoint", results["best"]?.["value"]]])
  }
}
