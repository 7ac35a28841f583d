import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import { LayersSection } from "../layers/LayersSection.tsx"
import { currentRun, onChange, runs } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import type { Series } from "../state/series.ts"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { useDark } from "../theme.ts"
import { axes } from "./axis.ts"
import { Chart } from "./Chart.tsx"
import type { Charted } from "./Chart.tsx"
import { definitionOf, metricsOf } from "./definitions.ts"
import { LatestValues } from "./LatestValues.tsx"
import { linesOf, pathLinesOf } from "./lines.ts"
import type { Line, Look } from "./lines.ts"
import { RunLegend } from "./RunLegend.tsx"
import { zoom } from "./zoom.ts"

const visible = (): ReadonlyArray<Run> => runs.get().all.filter((run) => run.visible)

// Before anything is known there is a chart, empty.
const FIRST = "loss"

type Common = Pick<Charted, "look" | "logarithmic" | "version">

/** The chart of a metric of the runs that are shown. */
const MetricChart = ({ logarithmic, name, ...common }: Common & { readonly name: string }) => {
  const definition = useMemo(() => definitionOf(name), [name])
  const lines = useCallback((look: Look) => linesOf(definition, visible(), look, runs.get().all), [definition])
  return (
    <Chart
      {...definition}
      {...common}
      lines={lines}
      logarithmic={logarithmic && !definition.linear}
      whole={definition.exact ?? false}
    />
  )
}

/** Charts of what is inside the run in this page, a curve for each path. */
const inside: ReadonlyArray<
  Pick<Charted, "id" | "title"> & { readonly linear?: boolean; readonly seriesOf: (run: Run) => Series }
> = [
  { id: "gradient-norms", title: "Gradient norms", seriesOf: ({ norms }) => norms },
  { id: "changes", title: "Change of weights in a step", seriesOf: ({ looks }) => looks.change },
  { id: "dead-units", title: "Dead units", linear: true, seriesOf: ({ looks }) => looks.dead }
]

const InsideChart = ({ linear = false, logarithmic, seriesOf, ...chart }: Common & typeof inside[number]) => {
  const lines = useCallback((look: Look): ReadonlyArray<Line> => {
    const run = currentRun()
    return run === undefined ? [] : pathLinesOf(seriesOf(run), run, look)
  }, [seriesOf])
  return <Chart {...chart} unit="run in this page" lines={lines} logarithmic={logarithmic && !linear} />
}

/** Names that there are, as they come: the metrics of the runs in the charts, and what is known of the inside of one. */
const namesNow = (): string => {
  const run = currentRun()
  const known = inside.filter(({ seriesOf }) => run !== undefined && Object.keys(seriesOf(run).values).length > 0)
  return `${metricsOf(visible()).join("\n") || FIRST}\n\n${known.map(({ id }) => id).join("\n")}`
}

const useNames = (shown: string) => {
  const [names, setNames] = useState(namesNow)
  useEffect(() => {
    const look = () => setNames(namesNow())
    look()
    return onChange(look)
  }, [shown])
  return useMemo(() => names.split("\n\n").map((part) => part.split("\n")), [names])
}

/** The course of training: live charts of the runs that are shown, one for each metric that they have. */
export const TrainingView = () => {
  const { axis, logarithmic, smoothing } = useStore(settings, (value) => value)
  const shown = useStore(runs, ({ all }) => all.filter((run) => run.visible).map(({ id }) => id).join())
  const dark = useDark(), [metrics = [], known = []] = useNames(shown)
  const [table, setTable] = useState(false)
  const look = useMemo(() => ({ axis, smoothing }), [axis, smoothing])
  const common: Common = { look, logarithmic, version: `${shown} ${dark}` }
  return (
    <section aria-labelledby="training-title">
      <div class="toolbar">
        <h2 id="training-title">Training</h2>
        <label>
          by
          <select
            value={axis}
            onChange={(event) => {
              zoom.set({ x: undefined })
              settings.set({ axis: event.currentTarget.value as Look["axis"] })
            }}
          >
            {axes.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
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
        {metrics.map((name) => <MetricChart key={name} name={name} {...common} />)}
        {inside.filter(({ id }) => known.includes(id)).map((chart) => (
          <InsideChart key={chart.id} {...chart} {...common} />
        ))}
      </div>
      <LayersSection />
      <p class="muted hint">
        Solid: training; dashed: validation. Drag in a chart to zoom, along either axis; double-click to see all. On a
        touchpad or by touch, pinch. With the keyboard, focus a chart, move along it by ← and →, zoom by + and −, in
        height by ↑ and ↓, see all by 0, and outliers by a. What is far from the rest is marked at the edge.
      </p>
    </section>
  )
}
