import { draw, tilesOfAll } from "./draw.ts"
import type { Scene, View } from "./draw.ts"
import { layoutOf } from "./layout.ts"
import type { Layout } from "./layout.ts"

// The worker that draws the network: two thousand strokes take longer than a page may be kept from its user.

/** What the page sends: once the canvas, and then what has become another one. */
export type Change = Partial<Scene> & {
  readonly canvas?: OffscreenCanvas
  readonly view?: View
  /** How many pixels of the screen there are to one of the page. */
  readonly ratio?: number
}

type Shown = Scene & Required<Pick<Change, "canvas" | "view" | "ratio">>

let shown: Partial<Shown> = {}, asked = false
let tiles: ReturnType<typeof tilesOfAll> | undefined, layout: Layout | undefined

const paint = (): void => {
  asked = false
  if (shown.canvas === undefined || shown.columns === undefined || shown.view === undefined) return
  const scene = shown as Shown, { canvas, ratio, view } = scene
  const width = Math.round(view.width * ratio), height = Math.round(view.height * ratio)
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { height, width })
  const context = canvas.getContext("2d")!
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  tiles ??= tilesOfAll(scene)
  layout ??= layoutOf(scene.columns, scene.spacing)
  draw(context, scene, layout, tiles, view)
}

addEventListener("message", ({ data }: MessageEvent<Change>) => {
  shown = { ...shown, ...data }
  if (data.columns !== undefined || data.colors !== undefined || data.theme !== undefined) tiles = undefined
  if (data.columns !== undefined || data.spacing !== undefined) layout = undefined
  if (asked) return
  asked = true
  requestAnimationFrame(paint)
})
