import type { Column } from "./graph.ts"

/** Where things are in the picture, in its own units: the middle of the first column is the origin. */
export interface Layout {
  /** The middle of what stands at a place of a column's `shown`. */
  readonly at: (column: number, place: number) => readonly [x: number, y: number]
  /** The middle of a pixel of a column with one map. */
  readonly pixel: (column: number, pixel: number) => readonly [x: number, y: number]
  /** Half the side of a map, or the radius of a unit. */
  readonly radius: (column: number) => number
  readonly bounds: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
  /** What stands at a point. */
  readonly hit: (x: number, y: number) => { readonly column: number; readonly place: number } | undefined
}

export interface Spacing {
  readonly neuronSpacing: number
  readonly layerSpacing: number
}

const LABEL = 70

export const layoutOf = (columns: ReadonlyArray<Column>, { layerSpacing, neuronSpacing }: Spacing): Layout => {
  // An image alone in its column is shown large enough for edges to begin at its pixels.
  const radius = (c: number) => {
    const { kind, size } = columns[c]!
    if (kind === "units") return Math.min(14, neuronSpacing * 0.42)
    return size === 1 ? 98 : neuronSpacing * 1.15
  }
  const pitch = (c: number) => columns[c]!.kind === "units" ? neuronSpacing : 2 * radius(c) + neuronSpacing * 0.3
  const at: Layout["at"] = (c, place) => [c * layerSpacing, (place - (columns[c]!.shown.length - 1) / 2) * pitch(c)]
  const halves = columns.map(({ shown }, c) => (shown.length - 1) / 2 * pitch(c) + radius(c))
  const bottom = Math.max(...halves)
  return {
    at,
    radius,
    pixel: (c, pixel) => {
      const { height, width } = columns[c]!, [x, y] = at(c, 0), side = 2 * radius(c)
      return [
        x + ((pixel % width + 0.5) / width - 0.5) * side,
        y + ((Math.floor(pixel / width) + 0.5) / height - 0.5) * side
      ]
    },
    bounds: {
      left: -radius(0),
      right: (columns.length - 1) * layerSpacing + radius(columns.length - 1) + 30,
      top: -bottom - LABEL,
      bottom
    },
    hit: (x, y) => {
      for (let c = 0; c < columns.length; c++) {
        const reach = radius(c)
        if (Math.abs(x - c * layerSpacing) > reach) continue
        const place = Math.round(y / pitch(c) + (columns[c]!.shown.length - 1) / 2)
        if (place < 0 || place >= columns[c]!.shown.length || Math.abs(y - at(c, place)[1]) > reach) continue
        return { column: c, place }
      }
      return undefined
    }
  }
}
