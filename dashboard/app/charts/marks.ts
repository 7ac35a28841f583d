import uPlot from "uplot"
import type { Line } from "./lines.ts"
import { runColor } from "./palette.ts"
import { sideOf } from "./robust.ts"

const SIZE = 4

/** Draws a mark at the edge of a chart for each value that is off its scale: which it is, and on which side. */
export const drawMarks = (u: uPlot, lines: ReadonlyArray<Line>): void => {
  const { ctx, scales } = u, { height, left, top, width } = u.bbox, ratio = uPlot.pxRatio, size = SIZE * ratio
  const { max = 0, min = 0 } = scales["y"]! as { readonly min?: number; readonly max?: number }
  const [xs, ...columns] = u.data
  ctx.save()
  columns.forEach((column, i) => {
    const drawn = new Set<number>(), { color, isSmoothed } = lines[i]!
    if (isSmoothed) return
    ctx.fillStyle = runColor(color)
    for (let place = 0; place < xs.length; place++) {
      const value = column[place], side = typeof value === "number" ? sideOf(value, [min, max]) : 0
      if (side === 0) continue
      const x = Math.round(u.valToPos(xs[place]!, "x", true) / size) * size, key = side * x
      if (x < left || x > left + width || drawn.has(key)) continue
      drawn.add(key)
      const tip = side > 0 ? top : top + height, base = tip + side * 1.5 * size
      ctx.beginPath()
      ctx.moveTo(x, tip)
      ctx.lineTo(x - size, base)
      ctx.lineTo(x + size, base)
      ctx.fill()
    }
  })
  ctx.restore()
}
