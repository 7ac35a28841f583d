import type { Scene, Seen } from "./draw.ts"
import type { Column } from "./graph.ts"
import type { Layout } from "./layout.ts"

type Context = OffscreenCanvasRenderingContext2D
type Box = readonly [left: number, top: number, right: number, bottom: number]

/** In pixels of the screen: columns so close that names stand on one level alone, and a letter that can be read. */
const CLOSE = 32, SMALLEST = 7, SMALLER = 0.75
/** In pixels of the picture at its own size: a name, and a name with a size below it. */
const LINE = 18, BOTH = 34, RAISES = 3

/** What a layer gives, long and short. */
const sizesOf = ({ height, kind, shown, size, width }: Column): ReadonlyArray<string> => {
  const what = kind === "maps" ? `${height} × ${width}${size > 1 ? ` × ${size}` : ""}` : `${size}`
  return shown.length < size ? [`${shown.length} of ${what}`, what] : [what]
}

const bold = (px: number) => `600 ${12 * px}px system-ui, sans-serif`
const plain = (px: number) => `${10.5 * px}px system-ui, sans-serif`

/** The whole path, or what of its end there is room for. */
const namesOf = ({ path }: Column): ReadonlyArray<string> => {
  const keys = path.split(".")
  return keys.map((_, i) => (i === 0 ? "" : "…") + keys.slice(i).join("."))
}

const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]

/**
 * The names and sizes of columns above them. Text stays readable in a picture that is made smaller; where it would lie
 * on other text, or on a column beside its own, it stands higher, and where there is no room for it it is left out.
 */
export const drawLabels = (
  context: Context,
  layout: Layout,
  { columns, theme }: Scene,
  zoom: number,
  isSeen: Seen
): void => {
  const far = 1 / Math.min(zoom, 1), gap = layout.spacing * zoom
  const widest = Math.max(0, 3 * layout.spacing - 8 * far), raises = gap < CLOSE ? 1 : RAISES
  const bodies = columns.map((_, c): Box => {
    const [x, y] = layout.middle(c), radius = layout.radius(c), half = layout.half(c)
    return [x - radius, y - half, x + radius, y + half]
  })
  const texts: Array<Box> = []
  const write = (text: string, font: string, color: string, x: number, y: number) => {
    context.font = font
    // Weights may pass behind it.
    context.strokeStyle = theme.background
    context.lineWidth = 3 * far
    context.strokeText(text, x, y)
    context.fillStyle = color
    context.fillText(text, x, y)
  }
  /** The first text that fits, and its width. */
  const fitting = (texts: ReadonlyArray<string>, font: string) => {
    context.font = font
    return texts.map((text) => ({ text, width: context.measureText(text).width })).find(({ width }) => width <= widest)
  }
  context.textAlign = "center"
  context.lineJoin = "round"
  // What is less deep in other layers is named first.
  const depth = (column: Column) => column.path.split(".").length
  const ordered = [...columns.entries()].toSorted(([, a], [, b]) => depth(a) - depth(b))
  for (const [c, column] of ordered) {
    const [x, middle] = layout.middle(c), room = layout.room(c), bottom = middle - layout.half(c)
    if (!isSeen(x - widest / 2, x + widest / 2, bottom - RAISES * BOTH * far, bottom)) continue
    // Where there is no room for both, a name stands alone.
    const small = Math.min(far, room / BOTH)
    const size = 10 * small * zoom < SMALLEST ? undefined : fitting(sizesOf(column), plain(small))
    const most = size === undefined ? Math.min(far, room / LINE) : small, fonts = [most, SMALLER * most]
    const names = fonts.map((px) => ({ px, name: fitting(namesOf(column), bold(px)) }))
    const { name, px } = names.find(({ name }) => name !== undefined) ?? names[0]!
    if (name === undefined || 12 * px * zoom < SMALLEST) continue
    const half = Math.max(name.width, size?.width ?? 0) / 2 + 3 * px, height = (size === undefined ? LINE : BOTH) * px
    for (let raised = 0; raised < (room === Infinity ? raises : 1); raised++) {
      const base = bottom - raised * height * 0.85, box: Box = [x - half, base - height, x + half, base - 4 * px]
      if (texts.some((other) => overlap(box, other)) || bodies.some((other, i) => i !== c && overlap(box, other))) {
        continue
      }
      texts.push(box)
      write(name.text, bold(px), theme.text, x, base - (size === undefined ? 6 : 19) * px)
      if (size !== undefined) write(size.text, plain(px), theme.muted, x, base - 6 * px)
      break
    }
  }
  for (const [c, { network }] of columns.entries()) {
    if (network === columns[c - 1]?.network) continue
    const [x] = layout.middle(c)
    context.font = bold(far)
    const half = context.measureText(network).width / 2
    let base = layout.top(layout.row(c)) - 40 * far
    const box = (): Box => [x - half, base - LINE * far, x + half, base + 4 * far]
    while (texts.some((other) => overlap(box(), other))) base -= LINE * far
    texts.push(box())
    write(network, bold(far), theme.text, x, base)
  }
}
