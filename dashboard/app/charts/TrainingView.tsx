import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import { currentRun, onChange, runs } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { useDark } from "../theme.ts"
import { axes } from "./axis.ts"
import { Chart } from "./Chart.tsx"
import type { Charted } from "./Chart.tsx"
import { definitionOf, metricsOf } from "./definitions.ts"
import { LatestValues } from "./LatestValues.tsx"
import { linesOf, normLinesOf } from "./lines.ts"
import type { Look } from "./lines.ts"
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

const norms = (look: Look) => {
  const run = currentRun()
  return run === undefined ? [] : normLinesOf(run, look)
}

/** The metrics that the runs in the charts have, as they come. */
const useMetrics = (shown: string): ReadonlyArray<string> => {
  const [names, setNames] = useState(FIRST)
  useEffect(() => {
    const look = () => setNames(metricsOf(visible()).join("\n") || FIRST)
    look()
    return onChange(look)
  }, [shown])
  return useMemo(() => names.split("\n"), [names])
}

/** The course of training: live charts of the runs that are shown, one for each metric that they have. */
export const TrainingView = () => {
  const { axis, logarithmic, smoothing } = useStore(settings, (value) => value)
  const shown = useStore(runs, ({ all }) => all.filter((run) => run.visible).map(({ id }) => id).join())
  const dark = useDark(), metrics = useMetrics(shown)
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
        <Chart id="gradient-norms" title="Gradient norms" unit="current run" lines={norms} {...common} />
      </div>
      <p class="muted hint">
        Solid: training; dashed: validation. Drag in a chart to zoom, along either axis; double-click to see all. On a
        touchpad or by touch, pinch. With the keyboard, focus a chart, move along it by ← and →, zoom by + and −, in
        height by ↑ and ↓, see all by 0, and outliers by a. What is far from the rest is marked at the edge.
      </p>
    </section>
  )
}
