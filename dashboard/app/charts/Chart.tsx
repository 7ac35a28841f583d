import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import uPlot from "uplot"
import { onChange } from "../state/runs.ts"
import { inFrame } from "./frames.ts"
import { cssColor, format } from "./palette.ts"
import { isSame, Readout, valuesAt, words } from "./Readout.tsx"
import type { Reading } from "./Readout.tsx"
import { thin } from "./thin.ts"
import type { Curve } from "./thin.ts"

/** A curve of a chart. `faint` is what was measured, behind its smoothed form. */
export interface Line extends Curve {
  readonly label: string
  readonly color: string
  readonly dashed?: boolean
  readonly faint?: boolean
}

const HEIGHT = 190

const moves: { readonly [key: string]: number } = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -20,
  PageDown: 20,
  Home: -Infinity,
  End: Infinity
}
const zooms: { readonly [key: string]: number } = { "+": 0.5, "=": 0.5, "-": 2, "0": 1e9 }

/** So many points in all: however many runs there are, a chart is drawn within a frame. */
const POINTS = 4000

// More curves than these are thin. They are told apart more easily, and a line of one pixel is drawn twenty times as
// fast as a wider one where there is no graphics card.
const MANY = 8

const optionsOf = (lines: ReadonlyArray<Line>, logarithmic: boolean, width: number): uPlot.Options => {
  const axis = {
    stroke: cssColor("--muted"),
    grid: { stroke: cssColor("--line"), width: 1 },
    ticks: { stroke: cssColor("--line"), width: 1, size: 4 },
    font: "11px system-ui, sans-serif"
  }
  const values = (_: uPlot, splits: Array<number | null>) => splits.map((v) => v === null ? "" : format(v))
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: "training" }, drag: { x: true, y: false }, points: { size: 6 } },
    scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
    axes: [{ ...axis, values, size: 28, space: 60 }, { ...axis, values, size: 52, space: 32 }],
    series: [
      {},
      ...lines.map(({ color, dashed, faint }): uPlot.Series => ({
        stroke: color,
        width: faint || lines.length > MANY ? 1 : 1.75,
        alpha: faint ? 0.28 : 1,
        ...(dashed ? { dash: [5, 4] } : {}),
        spanGaps: true,
        points: { show: false }
      }))
    ]
  }
}

/** The lines as a table, in detail between two steps. */
const dataOf = (lines: ReadonlyArray<Line>, logarithmic: boolean, from?: number, to?: number): uPlot.AlignedData => {
  if (lines.length === 0) return [[]]
  const tables = lines.map((line): uPlot.AlignedData => {
    const { steps, values } = thin(line, POINTS / lines.length, from, to)
    // A logarithm has no place for what is not above 0, and a curve none for what is no number.
    return [
      steps as Array<number>,
      values.map((value) => Number.isFinite(value) && (!logarithmic || value > 0) ? value : null)
    ]
  })
  return tables.length === 1 ? tables[0]! : uPlot.join(tables)
}

const shapeOf = (lines: ReadonlyArray<Line>): string =>
  JSON.stringify(lines.map(({ color, dashed, faint, label }) => [label, color, dashed, faint]))

/**
 * A chart that follows what `lines` gives whenever runs have changed, drawn at most once in a frame. Drag to zoom,
 * double click for all; with the keyboard the arrows move along the curve, plus and minus zoom, and 0 shows all. Only
 * what keys ask for is said to those who cannot see it: the curve itself changes ten times a second.
 */
export const Chart = ({ lines, logarithmic, title, unit = "", version }: {
  readonly title: string
  readonly unit?: string
  readonly lines: () => ReadonlyArray<Line>
  readonly logarithmic: boolean
  /** What else than runs the lines depend on. */
  readonly version: string
}) => {
  const host = useRef<HTMLDivElement>(null),
    plot = useRef<uPlot | null>(null),
    shape = useRef(""),
    zoomed = useRef(false),
    width = useRef(0)
  const latest = useRef(lines)
  latest.current = lines
  const [readout, setReadout] = useState<Reading>()
  const [said, say] = useState("")

  const draw = useRef(() => undefined as void), update = useRef(() => inFrame(host, () => draw.current()))
  draw.current = () => {
    const element = host.current
    if (element === null || width.current === 0) return
    const now = latest.current(), next = `${shapeOf(now)} ${logarithmic} ${cssColor("--muted")}`
    const { max, min } = plot.current?.scales["x"] ?? {}
    const data = zoomed.current ? dataOf(now, logarithmic, min, max) : dataOf(now, logarithmic)
    const cursor = () => {
      const { idx } = plot.current?.cursor ?? {}
      const at = idx === null || idx === undefined ? undefined : plot.current!.data[0][idx]
      const now = { at, values: valuesAt(latest.current(), at) }
      setReadout((before) => isSame(before, now) ? before : now)
    }
    // Where a person zooms in there is more to see.
    const scale = (_: uPlot, key: string) => {
      if (key === "x" && zoomed.current) update.current()
    }
    const select = ({ select: { width } }: uPlot) => {
      if (width > 0) zoomed.current = true
    }
    if (plot.current === null || next !== shape.current) {
      plot.current?.destroy()
      shape.current = next
      const options = optionsOf(now, logarithmic, width.current)
      plot.current = new uPlot(
        { ...options, hooks: { setCursor: [cursor], setScale: [scale], setSelect: [select] } },
        data,
        element
      )
      zoomed.current = false
      plot.current.over.addEventListener("dblclick", () => {
        zoomed.current = false
      })
    } else {
      if (plot.current.width !== width.current) plot.current.setSize({ width: width.current, height: HEIGHT })
      // Whoever has zoomed in stays there.
      plot.current.setData(data, !zoomed.current)
      if (zoomed.current) plot.current.redraw()
    }
    cursor()
  }

  useEffect(() => update.current(), [logarithmic, version, lines])

  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      width.current = host.current?.clientWidth ?? 0
      update.current()
    })
    observer.observe(host.current!)
    const stop = onChange(update.current)
    return () => {
      observer.disconnect()
      stop()
      plot.current?.destroy()
      plot.current = null
    }
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    const u = plot.current, move = moves[event.key], zoom = zooms[event.key]
    if (u === null || move === undefined && zoom === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const steps = u.data[0], count = steps.length, from = u.cursor.idx ?? count - 1
    if (count === 0) return
    const at = Math.max(0, Math.min(count - 1, from + (move ?? 0))), step = steps[at]!
    if (zoom !== undefined) {
      const { max, min } = u.scales["x"] as { readonly min: number; readonly max: number }
      const low = Math.max(steps[0]!, step - (step - min) * zoom)
      const high = Math.min(steps[count - 1]!, step + (max - step) * zoom)
      zoomed.current = low > steps[0]! || high < steps[count - 1]!
      u.setScale("x", { min: low, max: high })
    }
    u.setCursor({ left: u.valToPos(step, "x"), top: 10 })
    say(`step ${step}: ${words(valuesAt(latest.current(), step))}`)
  }

  return (
    <figure class="chart card">
      <figcaption>
        <h3>{title}{unit === "" ? "" : <span class="muted">, {unit}</span>}</h3>
        {readout === undefined ? null : <Readout {...readout} />}
      </figcaption>
      <div
        ref={host}
        class="plot"
        role="application"
        aria-roledescription="chart"
        tabIndex={0}
        aria-label={`${title} by step: the arrows read it`}
        onKeyDown={onKeyDown}
      />
      <p class="hidden" role="status">{said}</p>
    </figure>
  )
}
