import { css, mix, scaled } from "./colors.ts"
import type { Rgb } from "./colors.ts"
import type { Column, Edges } from "./graph.ts"
import { layoutOf } from "./layout.ts"
import type { Layout, Spacing } from "./layout.ts"

/** All that a picture shows. It is plain data: the picture is drawn in a worker. */
export interface Scene {
  readonly columns: ReadonlyArray<Column>
  readonly edges: ReadonlyArray<Edges | undefined>
  readonly spacing: Spacing
  /** A color for each column. */
  readonly colors: ReadonlyArray<Rgb>
  readonly selected: { readonly column: number; readonly place: number } | undefined
  readonly theme: {
    readonly node: Rgb
    readonly text: string
    readonly muted: string
    readonly line: string
    readonly accent: string
    readonly positive: Rgb
    readonly negative: Rgb
  }
  /** What the units of the last column stand for. */
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

const drawEdges = (context: Context, layout: Layout, { edges, selected, theme }: Scene, scale: number) => {
  // Single strokes: one path of many lines takes several times as long where there is no graphics card.
  context.lineCap = "butt"
  edges.forEach((pair, c) => {
    if (pair === undefined) return
    const { byPixel, from, to, weights } = pair, gap = layout.radius(c + 1), start = byPixel ? 0 : layout.radius(c)
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!, size = Math.abs(weight)
      const isOfSelected = selected !== undefined &&
        (selected.column === c + 1 && selected.place === to[i] ||
          selected.column === c && !byPixel && selected.place === from[i])
      const [x1, y1] = byPixel ? layout.pixel(c, from[i]!) : layout.at(c, from[i]!)
      const [x2, y2] = layout.at(c + 1, to[i]!)
      const alpha = selected === undefined ? 0.08 + 0.62 * size : isOfSelected ? 0.4 + 0.6 * size : 0.05
      context.strokeStyle = css(weight > 0 ? theme.positive : theme.negative, Math.round(alpha * 32) / 32)
      context.lineWidth = (0.5 + 1.8 * size) / Math.max(1, scale * 0.75)
      context.beginPath()
      context.moveTo(x1 + start, y1)
      context.lineTo(x2 - gap, y2)
      context.stroke()
    }
  })
}

/** As wide as a name may be, in pixels of the screen. */
const NAME = 92

const drawColumn = (context: Context, layout: Layout, scene: Scene, tiles: Tiles, c: number, zoom: number) => {
  // Text stays readable in a picture that is made smaller.
  const px = 1 / Math.min(zoom, 1)
  const { classes, colors, columns, selected, theme } = scene, column = columns[c]!, radius = layout.radius(c)
  const scale = scaled(column.values), isClasses = c === columns.length - 1 && column.size === classes.length
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
  const [x, first] = layout.at(c, 0), { shown, size } = column
  // Where columns are close, their names stand on two levels.
  const isClose = scene.spacing.layerSpacing * zoom < NAME, top = isClose && c % 2 === 1 ? first - 28 * px : first
  context.fillStyle = theme.text
  context.textAlign = "center"
  context.font = `600 ${12 * px}px system-ui, sans-serif`
  context.fillText(column.path, x, top - radius - 19 * px)
  if (column.network !== columns[c - 1]?.network) {
    context.fillText(column.network, x, -layout.bounds.bottom - radius - (isClose ? 72 : 40) * px)
  }
  context.fillStyle = theme.muted
  context.font = `${10.5 * px}px system-ui, sans-serif`
  const what = column.kind === "maps" ? `${column.height} × ${column.width}${size > 1 ? ` × ${size}` : ""}` : `${size}`
  context.fillText(shown.length < size ? `${shown.length} of ${what}` : what, x, top - radius - 6 * px)
}

/** Draws the network into a canvas that is already scaled to the pixels of the screen. */
export const draw = (context: Context, scene: Scene, tiles: Tiles, { height, k, width, x, y }: View): void => {
  const layout = layoutOf(scene.columns, scene.spacing)
  context.clearRect(0, 0, width, height)
  context.save()
  context.translate(x, y)
  context.scale(k, k)
  context.imageSmoothingEnabled = false
  drawEdges(context, layout, scene, k)
  scene.columns.forEach((_, c) => drawColumn(context, layout, scene, tiles, c, k))
  context.restore()
}
