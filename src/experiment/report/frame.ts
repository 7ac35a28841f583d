import type { Axis } from "./axis.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"

const WIDTH = 560, HEIGHT = 300
/** Where the values are drawn. */
export const PLOT = { left: 62, top: 16, right: WIDTH - 84, bottom: HEIGHT - 46 } as const

const within = (low: number, value: number, high: number): number => Math.min(Math.max(value, low), high)

/** A tenth of a unit is less than anyone sees, and short. */
export const round = (value: number): number => Math.round(value * 10) / 10

/** Where a value stands in the drawing, from the left and from the top. */
export interface Places {
  readonly left: (value: number) => number
  readonly top: (value: number) => number
}

/** What lies outside of an axis, such as a single low loss, is cut off at its end. */
export const placesOf = (x: Axis, y: Axis): Places => ({
  left: (value) => round(PLOT.left + within(0, x.at(value), 1) * (PLOT.right - PLOT.left)),
  top: (value) => round(PLOT.bottom - within(0, y.at(value), 1) * (PLOT.bottom - PLOT.top))
})

/** A drawing over two axes. */
export interface Frame {
  /** Unlike that of any other drawing on the page. */
  readonly id: string
  /** What it shows, for those who see it and for those who do not. */
  readonly title: string
  readonly description: string
  readonly x: Axis
  readonly y: Axis
  /** Values as they stand beside the axes. */
  readonly xTick: (value: number) => string
  readonly yTick: (value: number) => string
  /** What the horizontal axis counts. */
  readonly xName: string
  readonly content: Html
}

/** The drawing, as SVG whose colors and sizes of text the page decides. */
export const frame = ({ content, description, id, title, x, xName, xTick, y, yTick }: Frame): Html => {
  const { left, top } = placesOf(x, y)
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title>
<desc id="${id}-description">${description}</desc>
${
    y.ticks.map((value) =>
      html`<path class="grid" d="M${PLOT.left} ${top(value)}H${PLOT.right}"/><text class="tick" x="${
        PLOT.left - 8
      }" y="${top(value)}" dy="0.35em" text-anchor="end">${yTick(value)}</text>`
    )
  }
<path class="axis" d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}"/>
${
    x.ticks.map((value) =>
      html`<text class="tick" x="${left(value)}" y="${PLOT.bottom + 8}" dy="1em" text-anchor="middle">${
        xTick(value)
      }</text>`
    )
  }
<text class="tick" x="${PLOT.right}" y="${HEIGHT - 4}" text-anchor="end">${xName}</text>
${content}
</svg>`
}
