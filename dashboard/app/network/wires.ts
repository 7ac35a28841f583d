import { css } from "./colors.ts"
import type { Scene, Seen } from "./draw.ts"
import type { Layout, Turn, Wire } from "./layout.ts"
import { SIGN } from "./layout.ts"

const CORNER = 30

type Context = OffscreenCanvasRenderingContext2D

const path = (context: Context, { x: [begin, from, to, end], y: [start, stop] }: Wire): void => {
  const middle = (from + to) / 2
  context.beginPath()
  context.moveTo(begin, start)
  context.lineTo(from, start)
  if (start === stop) context.lineTo(to, stop)
  else context.bezierCurveTo(middle, start, middle, stop, to, stop)
  context.lineTo(end, stop)
  context.stroke()
}

/** To the next row, by round corners. */
const turnOf = (context: Context, { points: [first, ...others] }: Turn): void => {
  context.beginPath()
  context.moveTo(...first!)
  others.forEach(([x, y], i) => {
    const next = others[i + 1]
    if (next === undefined) context.lineTo(x, y)
    else context.arcTo(x, y, ...next, CORNER)
  })
  context.stroke()
}

/** Around all that a column shows, where a wire begins or ends at it: half of a bracket. */
const bracket = (context: Context, layout: Layout, column: number, side: 1 | -1): void => {
  const [x, y] = layout.middle(column), half = layout.half(column), edge = x + side * (layout.radius(column) + 3)
  const out = edge + side * 5
  context.beginPath()
  context.moveTo(edge, y - half)
  context.lineTo(out, y - half)
  context.lineTo(out, y + half)
  context.lineTo(edge, y + half)
  context.stroke()
}

/** A sum, a product, or one thing behind the other. */
const sign = (context: Context, { columns, theme }: Scene, layout: Layout, column: number, zoom: number): void => {
  // Where the picture is small it is as large as it has room.
  const radius = Math.max(14, Math.min(8 / zoom, SIGN / 2 - 6))
  const [middle, y] = layout.middle(column), x = middle - layout.radius(column) - SIGN + radius
  const arm = radius * 0.5, slant = arm * Math.SQRT1_2
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = theme.background
  context.fill()
  context.stroke()
  const strokes = {
    sum: [[-arm, 0, arm, 0], [0, -arm, 0, arm]],
    product: [[-slant, -slant, slant, slant], [-slant, slant, slant, -slant]],
    concatenation: [[-arm, -arm * 0.6, arm, -arm * 0.6], [-arm, 0, arm, 0], [-arm, arm * 0.6, arm, arm * 0.6]]
  }
  context.beginPath()
  for (const [x1, y1, x2, y2] of strokes[columns[column]!.join!]) {
    context.moveTo(x + x1!, y + y1!)
    context.lineTo(x + x2!, y + y2!)
  }
  context.stroke()
}

/**
 * What flows from column to column where no weights are: lines past what they have nothing to do with, and a sign where
 * several meet. Those from and to what is selected stand out.
 */
export const drawWires = (
  context: Context,
  layout: Layout,
  scene: Scene,
  zoom: number,
  isSeen: Seen
): void => {
  const { columns, edges, selected, theme } = scene
  const weighed = new Set(
    edges.flatMap(({ left, right }) => layout.row(left) === layout.row(right) ? [`${left} ${right}`] : [])
  )
  const wires = layout.wires.filter(({ from, targets }) => targets.length > 1 || !weighed.has(`${from} ${targets[0]}`))
  const isOf = (column: number) => selected?.column === column
  const colorOf = (isLit: boolean) => isLit ? theme.accent : css(theme.wire, selected === undefined ? 0.85 : 0.35)
  // At least a pixel and a half of the screen, and in a large picture no bars.
  const width = Math.max(1.5 / zoom, 3 / Math.max(1, zoom))
  context.lineCap = "round"
  context.lineJoin = "round"
  const lit = ({ from, targets }: Pick<Wire, "from" | "targets">) => isOf(from) || targets.some(isOf)
  const seen = wires.filter(({ x: [begin, , , end], y }) => isSeen(begin, end, Math.min(...y), Math.max(...y)))
  // Their surroundings are cleared, so that they can be told from the weights that they cross.
  context.lineWidth = 2.5 * width
  context.strokeStyle = theme.background
  for (const wire of seen) path(context, wire)
  context.lineWidth = width
  for (const turn of layout.turns) {
    context.strokeStyle = colorOf(lit(turn))
    turnOf(context, turn)
  }
  for (const wire of seen.toSorted((a, b) => Number(lit(a)) - Number(lit(b)))) {
    context.strokeStyle = colorOf(lit(wire))
    path(context, wire)
  }
  const begun = new Set([...wires.filter(({ isFirst }) => isFirst), ...layout.turns].map(({ from }) => from))
  const ended = new Set(wires.filter(({ isLast }) => isLast).map(({ targets }) => targets[0]!))
  columns.forEach((_, column) => {
    const [x, y] = layout.middle(column), reach = layout.radius(column) + SIGN, half = layout.half(column)
    if (!isSeen(x - reach, x + reach, y - half, y + half)) return
    context.lineWidth = Math.max(1 / zoom, 1.5 / Math.max(1, zoom))
    context.strokeStyle = colorOf(isOf(column))
    if (begun.has(column)) bracket(context, layout, column, 1)
    if (!ended.has(column)) return
    bracket(context, layout, column, -1)
    if (columns[column]!.join !== undefined) sign(context, scene, layout, column, zoom)
  })
}
