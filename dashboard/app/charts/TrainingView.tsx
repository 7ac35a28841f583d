import { useCallback, useEffect, useState } from "preact/hooks"
import { onChange, runs } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { smooth } from "../state/series.ts"
import type { Series } from "../state/series.ts"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { useDark } from "../theme.ts"
import { Chart } from "./Chart.tsx"
import type { Line } from "./Chart.tsx"
import { LatestValues } from "./LatestValues.tsx"
import { lineColor, runColor, words } from "./palette.ts"
import { RunLegend } from "./RunLegend.tsx"

const visible = (): ReadonlyArray<Run> => runs.get().all.filter((run) => run.visible)

const smoothedBefore = new WeakMap<
  ReadonlyArray<number>,
  { readonly key: string; readonly values: ReadonlyArray<number> }
>()

/** A column, smoothed once for all drawings in which it is the same: most runs in the charts have come to their end. */
const smoothed = (column: ReadonlyArray<number>, steps: ReadonlyArray<number>, factor: number) => {
  const key = `${factor} ${steps.length} ${steps.at(-1)}`, before = smoothedBefore.get(column)
  if (before?.key === key) return before.values
  const values = smooth(column, factor)
  smoothedBefore.set(column, { key, values })
  return values
}

/** The curve of a name, smoothed, and behind it what was measured. */
const curves = (
  { values, steps }: Series,
  name: string,
  style: Pick<Line, "label" | "color"> & { readonly dashed?: boolean },
  smoothing: number
): ReadonlyArray<Line> => {
  const column = values[name]
  if (column === undefined) return []
  const line = { ...style, steps, values: smoothed(column, steps, smoothing) }
  return smoothing === 0 ? [line] : [{ ...style, faint: true, steps, values: column }, line]
}

const label = (run: Run, what: string): string => visible().length > 1 ? `${run.name.split(" ")[0]} ${what}` : what

/** Training and validation of a metric, for all visible runs. */
const both = (name: string, smoothing: number) => (): ReadonlyArray<Line> =>
  visible().flatMap((run) => {
    const color = runColor(run.color)
    return curves(run.train, name, { label: label(run, "training"), color }, smoothing)
      .concat(curves(run.test, name, { label: label(run, "validation"), color, dashed: true }, 0))
  })

const training = (name: string, smoothing: number, what: string) => (): ReadonlyArray<Line> =>
  visible().flatMap((run) =>
    curves(run.train, name, { label: label(run, what), color: runColor(run.color) }, smoothing)
  )

/** The norms of the current run's gradients, a curve for each parameter that is no bias. */
const norms = (): ReadonlyArray<Line> => {
  const { all, current } = runs.get(), run = all.find(({ id }) => id === current)
  if (run === undefined) return []
  return Object.keys(run.norms.values).filter((path) => !path.endsWith("bias")).flatMap((path, i) =>
    curves(run.norms, path, { label: path.replace(/\.kernel$/, "").replace(".network.", "."), color: lineColor(i) }, 0)
  )
}

/** What the visible runs have measured. */
const measured = (): ReadonlyArray<string> => [
  ...new Set(
    visible().flatMap(({ test, train }) => Object.entries(train.values).concat(Object.entries(test.values)))
      // What has never been anything but zero, a penalty that there is not, is not shown.
      .filter(([, values]) => values.some((value) => value !== 0 && !Number.isNaN(value))).map(([name]) => name)
  )
]

// What has a chart of its own, and what only those have who classify.
const named = new Set(["loss", "accuracy", "learningRate", "examplesPerSecond"]), ofClassifiers = ["loss", "accuracy"]

const title = (name: string): string => words(name).replace(/^./, (letter) => letter.toUpperCase())

const OtherChart = ({ logarithmic, name, smoothing, version }: {
  readonly name: string
  readonly smoothing: number
  readonly logarithmic: boolean
  readonly version: string
}) => {
  const lines = useCallback(both(name, smoothing), [name, version])
  return <Chart title={title(name)} lines={lines} logarithmic={logarithmic} version={version} />
}

/** The course of training: live charts of the runs that are shown. */
export const TrainingView = () => {
  const smoothing = useStore(settings, (s) => s.smoothing), logarithmic = useStore(settings, (s) => s.logarithmic)
  const shown = useStore(runs, ({ all }) => all.filter((run) => run.visible).map(({ id }) => id).join())
  const dark = useDark()
  const [table, setTable] = useState(false), [names, setNames] = useState(ofClassifiers.join())
  useEffect(() => {
    // Before anything is known the charts of a classifier are there, empty.
    const look = () => setNames(measured().join() || ofClassifiers.join())
    look()
    return onChange(look)
  }, [shown])
  const all = names.split(",")
  const version = `${shown} ${dark} ${smoothing}`
  const use = (make: () => ReadonlyArray<Line>) => useCallback(make, [version])
  const loss = use(both("loss", smoothing)), accuracy = use(both("accuracy", smoothing))
  const rate = use(training("learningRate", 0, "training"))
  const speed = use(training("examplesPerSecond", smoothing, "training"))
  const gradients = use(norms)
  return (
    <section aria-labelledby="training-title">
      <div class="toolbar">
        <h2 id="training-title">Training</h2>
        <label>
          smoothing
          <input
            type="range"
            min="0"
            max="0.99"
            step="0.01"
            value={smoothing}
            onInput={(event) => settings.set({ smoothing: event.currentTarget.valueAsNumber })}
          />
          <output aria-hidden="true">{smoothing.toFixed(2)}</output>
        </label>
        <label>
          <input
            type="checkbox"
            checked={logarithmic}
            onChange={(event) => settings.set({ logarithmic: event.currentTarget.checked })}
          />{" "}
          log scale
        </label>
        <label>
          <input type="checkbox" checked={table} onChange={(event) => setTable(event.currentTarget.checked)} />{" "}
          as a table
        </label>
      </div>
      <RunLegend />
      {table ? <LatestValues /> : null}
      <div class="charts">
        {all.includes("loss")
          ? <Chart title="Loss" lines={loss} logarithmic={logarithmic} version={version} />
          : null}
        {all.includes("accuracy")
          ? <Chart title="Accuracy" lines={accuracy} logarithmic={false} version={version} />
          : null}
        <Chart
          title="Gradient norms"
          unit="current run"
          lines={gradients}
          logarithmic={logarithmic}
          version={version}
        />
        <Chart title="Learning rate" lines={rate} logarithmic={logarithmic} version={version} />
        <Chart title="Throughput" unit="examples/s" lines={speed} logarithmic={false} version={version} />
        {all.filter((name) => !named.has(name)).map((name) => (
          <OtherChart
            key={name}
            name={name}
            smoothing={smoothing}
            logarithmic={logarithmic}
            version={version}
          />
        ))}
      </div>
      <p class="muted hint">
        Solid: training; dashed: measured on 500 test examples. Drag in a chart to zoom, double-click to see all; with
        the keyboard, focus a chart, move along it by ← and →, zoom by + and −, and see all by 0.
      </p>
    </section>
  )
}
