import uPlot from "uplot"
import type { Axis } from "./axis.ts"
import type { Line } from "./lines.ts"
import { drawMarks } from "./marks.ts"
import { HEIGHT, optionsOf } from "./options.ts"
import type { View } from "./options.ts"
import { cssColor } from "./palette.ts"
import { asSeen, padded, within, zoomAt } from "./ranges.ts"
import type { Range } from "./ranges.ts"
import { countOff, rangeOf } from "./robust.ts"
import { extentOf, tableOf } from "./table.ts"
import { followTouch } from "./touch.ts"

/** What a chart draws, and which part of it. */
export interface Drawing {
  readonly lines: ReadonlyArray<Line>
  readonly axis: Axis
  readonly logarithmic: boolean
  /** Whether values that are far from the others are on the scale. */
  readonly all: boolean
  readonly width: number
  /** Parts of the axes that somebody has zoomed to. */
  readonly zoom: { readonly x: Range | undefined; readonly y: Range | undefined }
}

/** A chart on the screen. */
export interface Plot {
  /** Draws; gives the number of values that are off the scale. */
  readonly draw: (drawing: Drawing) => number
  readonly view: () => View
  /** Zooms an axis by a factor, around a value or the middle of what is seen. */
  readonly zoomBy: (axis: "x" | "y", factor: number, at?: number) => void
  /** Where the cursor is, as a place among `xs`, or nowhere. */
  readonly place: () => number | undefined
  readonly xs: () => ReadonlyArray<number>
  readonly moveTo: (x: number) => void
  readonly canvas: () => HTMLCanvasElement | undefined
  readonly destroy: () => void
}

/** What a chart tells of. */
export interface Listener {
  readonly onCursor: (left: number, top: number) => void
  /** Somebody has zoomed to parts of the axes, or to all of them. */
  readonly onZoom: (zoom: { readonly x?: Range | undefined; readonly y?: Range | undefined }) => void
  readonly onWhole: () => void
}

const NOTHING: View = { x: [0, 1], y: [0, 1] }

const shapeOf = ({ axis, lines, logarithmic }: Drawing): string =>
  JSON.stringify([
    axis,
    logarithmic,
    cssColor("--muted"),
    lines.map(({ color, dash, faint, of }) => [of, color, dash, faint])
  ])

/** What of `drawing` is seen: what somebody has zoomed to, else all of it, without outliers. */
const seen = ({ all, lines, logarithmic, zoom }: Drawing) => {
  const extent = extentOf(lines), x = zoom.x ?? (extent === undefined ? NOTHING.x : padded(extent))
  const { data, values } = tableOf(lines, logarithmic, zoom.x)
  const y = rangeOf(values, { all, logarithmic }) ?? (logarithmic ? [0.1, 1] : NOTHING.y)
  const view: View = { x, y: zoom.y ?? y }
  return {
    data,
    view,
    full: { x: extent === undefined ? x : padded(extent), y: rangeOf(values, { all: true, logarithmic }) ?? y },
    off: zoom.y === undefined && !all ? countOff(values, view.y) : 0
  }
}

/** A chart in an element, which draws itself with uPlot. */
export const makePlot = (element: HTMLElement, { onCursor, onWhole, onZoom }: Listener): Plot => {
  let u: uPlot | undefined, shape = "", now = { view: NOTHING, full: NOTHING, logarithmic: false, off: 0 }

  const zoomTo = ({ x, y }: Partial<View>) => {
    const { full, logarithmic } = now, seen = logarithmic ? Math.log10 : (value: number) => value
    const unseen = logarithmic ? (value: number) => 10 ** value : seen
    const part = y && within([seen(y[0]), seen(y[1])], [seen(full.y[0]), seen(full.y[1])])
    onZoom({
      ...(x === undefined ? {} : { x: within(x, full.x) }),
      ...(y === undefined ? {} : { y: part && [unseen(part[0]), unseen(part[1])] })
    })
  }
  const zoomBy: Plot["zoomBy"] = (axis, factor, at) => {
    const { logarithmic, view } = now, [min, max] = view[axis]
    const around = (range: Range): Range =>
      zoomAt(range, at === undefined ? (range[0] + range[1]) / 2 : Math.max(min, Math.min(max, at)), factor)
    zoomTo({ [axis]: asSeen(logarithmic && axis === "y", around)(view[axis]) })
  }

  // A rectangle over all of one axis zooms the other one.
  const select = (u: uPlot) => {
    const { height, left, top, width } = u.select
    if (!(width > 0 && height > 0)) return
    const value = (at: number, axis: string) => u.posToVal(at, axis)
    zoomTo({
      ...(width < u.over.clientWidth ? { x: [value(left, "x"), value(left + width, "x")] as const } : {}),
      ...(height < u.over.clientHeight ? { y: [value(top + height, "y"), value(top, "y")] as const } : {})
    })
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  }
  const build = ({ axis, lines, logarithmic, width }: Drawing, data: uPlot.AlignedData) => {
    const hooks: uPlot.Hooks.Arrays = {
      setCursor: [({ cursor: { left = -1, top = -1 } }) => onCursor(left, top)],
      setSelect: [select],
      draw: [(u) => now.off > 0 && drawMarks(u, lines)]
    }
    const made = new uPlot(
      optionsOf({ axis, lines, logarithmic, width, view: () => now.view, hooks }),
      data,
      element
    )
    made.over.addEventListener("dblclick", onWhole)
    made.over.addEventListener("wheel", (event) => {
      // A pinch on a touchpad comes as a wheel with the control key; without it the wheel scrolls the page.
      if (!event.ctrlKey) return
      event.preventDefault()
      const { left } = made.over.getBoundingClientRect(), factor = Math.exp(event.deltaY / 300)
      if (event.shiftKey) zoomBy("y", factor)
      else zoomBy("x", factor, made.posToVal(event.clientX - left, "x"))
    }, { passive: false })
    followTouch(made.over, {
      logarithmic,
      view: () => now.view,
      read: ([x, y]) => made.setCursor({ left: x * made.over.clientWidth, top: (1 - y) * made.over.clientHeight }),
      show: ({ x, y }, fingers) => zoomTo(fingers > 1 ? { x, y } : { x })
    })
    return made
  }

  return {
    draw: (drawing) => {
      const { data, ...next } = seen(drawing), form = shapeOf(drawing)
      now = { ...next, logarithmic: drawing.logarithmic }
      if (u === undefined || form !== shape) {
        u?.destroy()
        shape = form
        u = build(drawing, data)
      } else {
        if (u.width !== drawing.width) u.setSize({ width: drawing.width, height: HEIGHT })
        u.setData(data)
      }
      return next.off
    },
    view: () => now.view,
    zoomBy,
    place: () => u?.cursor.idx ?? undefined,
    xs: () => u?.data[0] as ReadonlyArray<number> | undefined ?? [],
    moveTo: (x) => u?.setCursor({ left: u.valToPos(x, "x"), top: 10 }),
    canvas: () => u?.ctx.canvas,
    destroy: () => u?.destroy()
  }
}
