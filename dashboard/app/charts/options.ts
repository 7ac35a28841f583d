import type uPlot from "uplot"
import { axisLabel } from "./axis.ts"
import type { Axis } from "./axis.ts"
import { numberLabel, roomOf } from "./labels.ts"
import type { Line } from "./lines.ts"
import { cssColor, runColor } from "./palette.ts"
import type { Range } from "./ranges.ts"

export const HEIGHT = 190

// More curves than these are thin. They are told apart more easily, and a line of one pixel is drawn twenty times as
// fast as a wider one where there is no graphics card.
const MANY = 8

// A line of so few points has a dot at each: one point alone would not be seen.
const FEW = 24

/** What a chart shows: parts of its axes. */
export interface View {
  readonly x: Range
  readonly y: Range
}

const FONT = "11px system-ui, sans-serif"

const widthIn = (u: uPlot) => (text: string): number => {
  u.ctx.save()
  u.ctx.font = FONT
  const { width } = u.ctx.measureText(text)
  u.ctx.restore()
  return width
}

/** Whether there are few points of a line between two places. */
const isSparse = (u: uPlot, line: number, from: number, to: number): boolean => {
  const values = u.data[line]!
  let count = 0
  for (let i = from; i <= to && count <= FEW; i++) if (typeof values[i] === "number") count += 1
  return count <= FEW
}

/** How a chart of some lines looks: the parts of its axes are asked for whenever it is drawn. */
export const optionsOf = (
  { axis, hooks, lines, logarithmic, view, width }: {
    readonly lines: ReadonlyArray<Line>
    readonly axis: Axis
    readonly logarithmic: boolean
    readonly width: number
    readonly view: () => View
    readonly hooks: uPlot.Hooks.Arrays
  }
): uPlot.Options => {
  const common = {
    stroke: cssColor("--muted"),
    grid: { stroke: cssColor("--line"), width: 1 },
    ticks: { stroke: cssColor("--line"), width: 1, size: 4 },
    font: FONT
  }
  const labels =
    (of: (value: number, step: number, most: number) => string) =>
    (_: uPlot, splits: Array<number | null>, _axis: number, _space: number, step: number) =>
      splits.map((value) => value === null ? "" : of(value, step, Math.max(...splits.map((v) => Math.abs(v ?? 0)))))
  return {
    width,
    height: HEIGHT,
    padding: [10, null, null, null],
    legend: { show: false },
    cursor: {
      // The others have a cursor at the same place, and zooms of their own.
      sync: {
        key: "training",
        filters: { pub: (type) => type === "mousemove" || type === "mouseleave", sub: () => true }
      },
      drag: { x: true, y: true, uni: 30, dist: 6, setScale: false },
      points: { size: 6 }
    },
    scales: {
      x: { time: false, range: () => [...view().x] },
      y: { range: () => [...view().y], ...(logarithmic ? { distr: 3 } : {}) }
    },
    axes: [
      {
        ...common,
        values: labels(axisLabel[axis]),
        size: 28,
        // The last label is the longest.
        space: (u, _, _min, max) => Math.max(60, widthIn(u)(axisLabel[axis](max, max / 8)) + 18)
      },
      {
        ...common,
        values: labels(logarithmic ? (value) => numberLabel(value) : numberLabel),
        size: (u, values) => Math.max(36, 14 + roomOf(values ?? [], widthIn(u))),
        space: 32
      }
    ],
    series: [
      {},
      ...lines.map(({ color, dash, faint }): uPlot.Series => ({
        stroke: runColor(color),
        width: faint || lines.length > MANY ? 1 : 1.75,
        alpha: faint ? 0.28 : 1,
        ...(dash.length > 0 ? { dash: [...dash] } : {}),
        spanGaps: true,
        points: { show: !faint && isSparse, size: 6, fill: runColor(color) }
      }))
    ],
    hooks
  }
}
