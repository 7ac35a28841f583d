import { css, mix, scaled } from "./colors.ts"
import type { Rgb } from "./colors.ts"
import type { Edges } from "./edges.ts"
import type { Column } from "./graph.ts"
import { drawLabels } from "./labels.ts"
import type { Layout, Spacing } from "./layout.ts"
import { drawWires } from "./wires.ts"

/** All that a picture shows. It is plain data: the picture is drawn in a worker. */
export interface Scene {
  readonly columns: ReadonlyArray<Column>
  readonly edges: ReadonlyArray<Edges>
  readonly spacing: Spacing
  /** A color for each column. */
  readonly colors: ReadonlyArray<Rgb>
  readonly selected: { readonly column: number; readonly place: number } | undefined
  readonly theme: {
    readonly background: string
    readonly node: Rgb
    readonly wire: Rgb
    readonly text: string
    readonly muted: string
    readonly line: string
    readonly accent: string
    readonly positive: Rgb
    readonly negative: Rgb
  }
  /** What the units of the columns stand for that nothing takes, where there are as many. */
  readonly classes: ReadonlyArray<string>
}

/** How a picture is moved, and the size of what it is drawn on, in pixels of the page. */
export interface View {
  readonly k: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

type Tiles = ReadonlyArray<ReadonlyArray<OffscreenCanvas>>

/** The maps of a column as pictures of their own size, the whole column on one scale. */
const tilesOf = (column: Column, color: Rgb, background: Rgb): ReadonlyArray<OffscreenCanvas> => {
  if (column.kind === "units") return []
  const { height, shown, size, values, width } = column, scale = scaled(values)
  return shown.map((channel) => {
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext("2d")!, image = context.createImageData(width, height)
    for (let i = 0; i < width * height; i++) {
      const [red, green, blue] = mix(background, color, scale(values[i * size + channel]!) ** 0.7)
      image.data.set([red, green, blue, 255], 4 * i)
    }
    context.putImageData(image, 0, 0)
    return canvas
  })
}

/**
 * The pictures of all columns: of images, which are maps alone, in gray, of others from the color of a unit to their
 * own.
 */
export const tilesOfAll = ({ colors, columns, theme }: Pick<Scene, "colors" | "columns" | "theme">): Tiles =>
  columns.map((column, c) =>
    column.size === 1 ? tilesOf(column, [255, 255, 255], [8, 10, 16]) : tilesOf(column, colors[c]!, theme.node)
  )

type Context = OffscreenCanvasRenderingContext2D

/** Whether what is between two places and two heights is in view. */
export type Seen = (left: number, right: number, top: number, bottom: number) => boolean

const drawEdges = (
  context: Context,
  layout: Layout,
  { edges, selected, theme }: Scene,
  zoom: number,
  isSeen: Seen
): void => {
  // Single strokes: one path of many lines takes several times as long where there is no graphics card.
  context.lineCap = "butt"
  for (const { byPixel, from, left, right, to, weights } of edges) {
    // To the next row a wire leads.
    if (layout.row(left) !== layout.row(right)) continue
    const [x, y] = layout.middle(left), [end, stop] = layout.middle(right)
    const reach = Math.max(layout.half(left), layout.half(right))
    if (!isSeen(x, end, Math.min(y, stop) - reach, Math.max(y, stop) + reach)) continue
    const gap = layout.radius(right), start = byPixel ? 0 : layout.radius(left)
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!, size = Math.abs(weight)
      const isOfSelected = selected !== undefined &&
        (selected.column === right && selected.place === to[i] ||
          selected.column === left && !byPixel && selected.place === from[i])
      const [x1, y1] = byPixel ? layout.pixel(left, from[i]!) : layout.at(left, from[i]!)
      const [x2, y2] = layout.at(right, to[i]!)
      const alpha = selected === undefined ? 0.08 + 0.62 * size : isOfSelected ? 0.4 + 0.6 * size : 0.05
      context.strokeStyle = css(weight > 0 ? theme.positive : theme.negative, Math.round(alpha * 32) / 32)
      context.lineWidth = (0.5 + 1.8 * size) / Math.max(1, zoom * 0.75)
      context.beginPath()
      context.moveTo(x1 + start, y1)
      context.lineTo(x2 - gap, y2)
      context.stroke()
    }
  }
}

const drawColumn = (context: Context, layout: Layout, scene: Scene, tiles: Tiles, c: number, zoom: number) => {
  // Text stays readable in a picture that is made smaller.
  const px = 1 / Math.min(zoom, 1)
  const { classes, colors, columns, selected, theme } = scene, column = columns[c]!, radius = layout.radius(c)
  const scale = scaled(column.values)
  const isClasses = column.size === classes.length && !columns.some(({ takes }) => takes.includes(c))
  column.shown.forEach((unit, place) => {
    const [x, y] = layout.at(c, place), isSelected = selected?.column === c && selected.place === place
    context.lineWidth = isSelected ? 3 : 1
    context.strokeStyle = isSelected ? theme.accent : theme.muted
    if (column.kind === "maps") {
      context.drawImage(tiles[c]![place]!, x - radius, y - radius, 2 * radius, 2 * radius)
      context.strokeRect(x - radius, y - radius, 2 * radius, 2 * radius)
      return
    }
    context.fillStyle = css(mix(theme.node, colors[c]!, scale(column.values[unit]!)))
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.fill()
    context.stroke()
    if (isClasses) {
      context.fillStyle = theme.text
      context.font = `${Math.min(13 * px, 2 * radius + 4)}px system-ui, sans-serif`
      context.textAlign = "left"
      context.textBaseline = "middle"
      context.fillText(classes[unit]!, x + radius + 6 * px, y)
      context.textBaseline = "alphabetic"
    }
  })
}

/** Draws what is in view of the network into a canvas that is already scaled to the pixels of the screen. */
export const draw = (
  context: Context,
  scene: Scene,
  layout: Layout,
  tiles: Tiles,
  { height, k, width, x, y }: View
): void => {
  const isSeen: Seen = (left, right, top, bottom) =>
    k * right + x > 0 && k * left + x < width && k * bottom + y > 0 && k * top + y < height
  context.clearRect(0, 0, width, height)
  context.save()
  context.translate(x, y)
  context.scale(k, k)
  context.imageSmoothingEnabled = false
  drawEdges(context, layout, scene, k, isSeen)
  drawWires(context, layout, scene, k, isSeen)
  scene.columns.forEach((_, c) => {
    const [x, y] = layout.middle(c), radius = layout.radius(c), half = layout.half(c)
    if (isSeen(x - radius, x + radius, y - half, y + half)) drawColumn(context, layout, scene, tiles, c, k)
  })
  drawLabels(context, layout, scene, k, isSeen)
  context.restore()
}
