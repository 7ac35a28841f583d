import { Effect } from "effect"
import { download } from "effect-neuron/browser"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { onChange } from "../state/runs.ts"
import { axisLabel } from "./axis.ts"
import type { Axis } from "./axis.ts"
import { ChartMenu } from "./ChartMenu.tsx"
import { csvOf } from "./csv.ts"
import type { Definition } from "./definitions.ts"
import { inFrame } from "./frames.ts"
import { actionOf, placeAfter } from "./keys.ts"
import type { Line, Look } from "./lines.ts"
import { runColor } from "./palette.ts"
import { makePlot } from "./plot.ts"
import type { Listener, Plot } from "./plot.ts"
import { pngOf } from "./png.ts"
import type { Range } from "./ranges.ts"
import { entriesAt, sentence } from "./readings.ts"
import type { Entry } from "./readings.ts"
import { Readout } from "./Readout.tsx"
import { zoom } from "./zoom.ts"

const MOST = { caption: 3, pointer: 8 }

/** The chart that is pointed at or moved along: the others have its cursor too. */
let pointedAt: object | undefined

interface Reading {
  readonly at: number | undefined
  readonly entries: ReadonlyArray<Entry>
  /** Where the pointer is, in this chart. */
  readonly pointer: { readonly left: number; readonly width: number } | undefined
}

/** A chart, and where its lines come from. */
export interface Charted extends Pick<Definition, "id" | "title" | "unit" | "better"> {
  readonly lines: (look: Look) => ReadonlyArray<Line>
  readonly look: Look
  readonly logarithmic: boolean
  /** Whether all values are on the scale, however far they are from the others. */
  readonly whole?: boolean
  /** What else than runs and `look` the lines depend on. */
  readonly version: string
}

const where = (axis: Axis, at: number | undefined): string | undefined =>
  at === undefined ? undefined : axis === "time" ? axisLabel.time(at) : `${axis} ${axisLabel[axis](at)}`

const isSame = (a: Reading | undefined, b: Reading): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * A chart that follows what `lines` gives whenever runs have changed, drawn at most once in a frame. Drag to zoom in
 * either direction, double click for all; with the keyboard the arrows move along the curve, plus and minus zoom, and 0
 * shows all. Only what keys ask for is said to those who cannot see it: the curve itself changes ten times a second.
 */
export const Chart = (props: Charted) => {
  const { better, id, logarithmic, look, title, unit = "", version } = props, { axis } = look
  const host = useRef<HTMLDivElement>(null), plot = useRef<Plot>(null), width = useRef(0), cursor = useRef(-1)
  const drawn = useRef<ReadonlyArray<Line>>([]), zoomY = useRef<Range | undefined>(undefined)
  const [all, setAll] = useState(props.whole ?? false), [off, setOff] = useState(0)
  const [reading, setReading] = useState<Reading>(), [said, say] = useState("")
  const latest = useRef({ ...props, all })
  latest.current = { ...props, all }

  const read = useRef((left: number) => {
    cursor.current = left
    const { better } = latest.current, place = plot.current?.place()
    const at = left < 0 || place === undefined ? undefined : plot.current!.xs()[place]
    const pointer = at === undefined || pointedAt !== host ? undefined : { left, width: width.current }
    const entries = entriesAt(drawn.current, at, better)
    // What is known of one run has its place above the chart.
    const now: Reading = { at, entries, pointer: entries.length > 1 ? pointer : undefined }
    setReading((before) => isSame(before, now) ? before : now)
  })
  const draw = useRef(() => {
    const { all, lines, logarithmic, look } = latest.current
    if (plot.current === null || width.current === 0) return
    drawn.current = lines(look)
    setOff(plot.current.draw({
      lines: drawn.current,
      axis: look.axis,
      logarithmic,
      all,
      width: width.current,
      zoom: { x: zoom.get().x, y: zoomY.current }
    }))
    read.current(cursor.current)
  })
  const update = useRef(() => inFrame(host, draw.current))
  const show: Listener["onZoom"] = (next) => {
    if ("y" in next) zoomY.current = next.y
    if ("x" in next) zoom.set({ x: next.x })
    update.current()
  }
  const whole = useRef(() => {
    zoomY.current = undefined
    zoom.set({ x: undefined })
  })

  useEffect(() => update.current(), [logarithmic, version, all, axis, look.smoothing])
  useEffect(() => {
    zoomY.current = undefined
  }, [logarithmic])

  useLayoutEffect(() => {
    plot.current = makePlot(host.current!, { onCursor: read.current, onZoom: show, onWhole: whole.current })
    const observer = new ResizeObserver(() => {
      width.current = host.current?.clientWidth ?? 0
      update.current()
    })
    observer.observe(host.current!)
    const stop = [onChange(update.current), zoom.subscribe(update.current)]
    return () => {
      observer.disconnect()
      for (const end of stop) end()
      plot.current?.destroy()
      plot.current = null
    }
  }, [])

  const point = () => {
    pointedAt = host
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const action = actionOf(event), now = plot.current, xs = now?.xs() ?? []
    if (action === undefined || now === null || xs.length === 0) return
    event.preventDefault()
    point()
    const x = xs[placeAfter(now.place(), action.kind === "move" ? action.by : 0, xs.length)]!
    if (action.kind === "whole") whole.current()
    else if (action.kind === "outliers") setAll(!all)
    else if (action.kind === "zoom") now.zoomBy(action.axis, action.factor, action.axis === "x" ? x : undefined)
    now.moveTo(x)
    say(`${where(axis, x)}: ${sentence(entriesAt(drawn.current, x, better))}`)
  }

  const file = (ending: string, bytes: Uint8Array<ArrayBuffer>) => Effect.runPromise(download(`${id}.${ending}`, bytes))
  const saveCsv = () => {
    const text = csvOf(props.lines({ axis, smoothing: 0 }), axis)
    void file("csv", new TextEncoder().encode(text))
  }
  const savePng = async () => {
    const canvas = plot.current?.canvas()
    if (canvas === undefined) return
    const lines = drawn.current.filter(({ faint }) => !faint).map(({ color, dash, of, what }) => ({
      text: `${of} ${what}`,
      color: runColor(color),
      dash
    }))
    await file("png", await pngOf(canvas, unit === "" ? title : `${title}, ${unit}`, lines))
  }

  const at = where(axis, reading?.at), entries = reading?.entries ?? []
  return (
    <figure class="chart card">
      <figcaption>
        <h3>{title}{unit === "" ? "" : <span class="muted">, {unit}</span>}</h3>
        <span class="values">
          <Readout at={reading?.pointer === undefined ? at : undefined} entries={entries} most={MOST.caption} />
        </span>
        <ChartMenu
          title={title}
          actions={{
            "Save as CSV": saveCsv,
            "Save as PNG": () => void savePng(),
            "Show all of it": whole.current,
            [all ? "Leave outliers off the scale" : "Bring outliers onto the scale"]: () => setAll(!all)
          }}
        />
      </figcaption>
      <div class="plot-field" onPointerMove={point} onPointerDown={point}>
        <div
          ref={host}
          class="plot"
          role="application"
          aria-roledescription="chart"
          tabIndex={0}
          aria-label={`${title} by ${axis}: the arrows read it`}
          onKeyDown={onKeyDown}
        />
        {reading?.pointer === undefined ? null : (
          <div
            class={`readout ${reading.pointer.left > reading.pointer.width / 2 ? "left" : ""}`}
            style={{ "--at": `${reading.pointer.left}px` }}
          >
            <Readout at={at} entries={entries} most={MOST.pointer} />
          </div>
        )}
      </div>
      {off === 0 ? null : (
        <button type="button" class="off" onClick={() => setAll(true)}>
          {off} {off === 1 ? "value is" : "values are"} off the scale: show {off === 1 ? "it" : "all"}
        </button>
      )}
      <p class="hidden" role="status">{said}</p>
    </figure>
  )
}
