import type { Column } from "./graph.ts"
import { heightsOf } from "./heights.ts"
import { rowsOf } from "./rows.ts"
import { inOrder } from "./slots.ts"
import type { Link } from "./slots.ts"

/** From what a column gives to the next level, where columns take it or it goes on: straight, bent, and straight. */
export interface Wire {
  readonly from: number
  readonly targets: ReadonlyArray<number>
  /** Where it begins, is bent from and to, and ends. */
  readonly x: readonly [number, number, number, number]
  readonly y: readonly [start: number, end: number]
  /** Whether it begins at the column, and whether it ends at its only target. */
  readonly isFirst: boolean
  readonly isLast: boolean
}

/** From the last column of a row to where the next row begins. */
export interface Turn {
  readonly from: number
  readonly targets: ReadonlyArray<number>
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

/** Where things are in the picture, in its own units: the middle of the first column is the origin. */
export interface Layout {
  /** The middle of what stands at a place of a column's `shown`. */
  readonly at: (column: number, place: number) => readonly [x: number, y: number]
  /** The middle of a column. */
  readonly middle: (column: number) => readonly [x: number, y: number]
  /** Half the height of a column. */
  readonly half: (column: number) => number
  /** The middle of a pixel of a column with one map. */
  readonly pixel: (column: number, pixel: number) => readonly [x: number, y: number]
  /** Half the side of a map, or the radius of a unit. */
  readonly radius: (column: number) => number
  /** How much is free above a column. */
  readonly room: (column: number) => number
  /** From one level to the next. */
  readonly spacing: number
  readonly wires: ReadonlyArray<Wire>
  readonly turns: ReadonlyArray<Turn>
  /** Which row a column is in, and the least height of the columns there. */
  readonly row: (column: number) => number
  readonly top: (row: number) => number
  readonly bounds: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
  /** What stands at a point. */
  readonly hit: (x: number, y: number) => { readonly column: number; readonly place: number } | undefined
}

export interface Spacing {
  readonly neuronSpacing: number
  readonly layerSpacing: number
}

/** Above each column, for its name. */
export const LABEL = 70
/** Beside each column that several things meet at, for the sign of what becomes of them. */
export const SIGN = 66

// Many levels stand as close as they can, so that all of them together are wide enough to be seen.
const GAPS = 6, LEAST = 90, BESIDE = 8, BELOW = 40, LANE = 18, ROW = 240, TURN = 45

export const layoutOf = (
  columns: ReadonlyArray<Column>,
  { layerSpacing, neuronSpacing }: Spacing
): Layout => {
  // An image alone in its column is shown large enough for edges to begin at its pixels.
  const radius = (c: number) => {
    const { kind, size } = columns[c]!
    if (kind === "units") return Math.min(14, neuronSpacing * 0.42)
    return size === 1 ? 98 : neuronSpacing * 1.15
  }
  const pitch = (c: number) => columns[c]!.kind === "units" ? neuronSpacing : 2 * radius(c) + neuronSpacing * 0.3
  const half = (c: number) => (columns[c]!.shown.length - 1) / 2 * pitch(c) + radius(c)

  const order = inOrder(columns), { levels, links, slots } = order
  const wide = levels.map((level) => Math.max(...level.map((slot) => slots[slot]!.isLane ? 0 : radius(slot))))
  const spacing = layerSpacing * Math.min(1, GAPS / Math.max(1, levels.length - 1))
  const straight = [0]
  for (let l = 1; l < levels.length; l++) {
    const isJoined = levels[l]!.some((slot) => columns[slot]?.join !== undefined)
    straight.push(straight[l - 1]! + Math.max(spacing, wide[l - 1]! + wide[l]! + LEAST + (isJoined ? SIGN : 0)))
  }
  const unbroken = heightsOf(columns, order, (slot) =>
    slots[slot]!.isLane
      ? { above: LANE, below: LANE }
      : { above: half(slot) + LABEL, below: half(slot) + BELOW })
  const heights = slots.map((_, slot) => slots[slot]!.isLane ? LANE : half(slot))
  const highest = Math.min(...unbroken.map((y, slot) => y - heights[slot]!))
  const height = Math.max(...unbroken.map((y, slot) => y + heights[slot]!)) - highest + LABEL + ROW

  // Each row begins at the left, below the one before it.
  const rows = rowsOf(order, straight, height)
  const begins = rows.map((row) => row === 0 ? 0 : straight[rows.indexOf(row)]! - wide[rows.indexOf(row)]! - LEAST)
  const xs = straight.map((x, l) => x - begins[l]!)
  const levelOf = new Map(levels.flatMap((level, l) => level.map((slot) => [slot, l] as const)))
  const ys = unbroken.map((y, slot) => y + height * rows[levelOf.get(slot)!]!)

  const middle: Layout["middle"] = (c) => [xs[columns[c]!.level]!, ys[c]!]
  const at: Layout["at"] = (c, place) => {
    const [x, y] = middle(c)
    return [x, y + (place - (columns[c]!.shown.length - 1) / 2) * pitch(c)]
  }
  const wire = ({ from, targets, to }: Link): Wire => {
    const l = levelOf.get(from)!, isFirst = !slots[from]!.isLane, isLast = !slots[to]!.isLane
    const isTurned = rows[l] !== rows[l + 1], port = xs[l + 1]! - wide[l + 1]! - LEAST
    const begin = isTurned ? port : xs[l]! + wide[l]! + BESIDE, end = xs[l + 1]! - wide[l + 1]! - BESIDE
    const sign = isLast && columns[to]!.join !== undefined ? SIGN : BESIDE
    return {
      from: slots[from]!.column,
      targets,
      x: [
        isTurned ? port : isFirst ? xs[l]! + radius(from) + BESIDE : xs[l]! - wide[l]! - BESIDE,
        begin,
        isLast ? Math.min(end, xs[l + 1]! - radius(to) - sign) : end,
        isLast ? xs[l + 1]! - radius(to) - sign : end
      ],
      y: [ys[from]! + (isTurned ? height : 0), ys[to]!],
      isFirst: isFirst && !isTurned,
      isLast
    }
  }
  const turns = levels.slice(1).flatMap((_, l): ReadonlyArray<Turn> => {
    if (rows[l] === rows[l + 1]) return []
    const out = links.filter(({ from }) => levelOf.get(from) === l), { from } = out[0]!
    const right = xs[l]! + wide[l]! + LEAST / 2, port = xs[l + 1]! - wide[l + 1]! - LEAST, left = port - LEAST / 2
    const y = ys[from]!, between = highest + height * (rows[l]! + 1) - LABEL - ROW + TURN
    return [{
      from,
      targets: [...new Set(out.flatMap(({ targets }) => targets))],
      points: [
        [xs[l]! + radius(from) + BESIDE, y],
        ...[[right, y], [right, between], [left, between], [left, y + height]] as const,
        [port, y + height]
      ]
    }]
  })
  const all = columns.map((_, c) => c), turning = turns.flatMap(({ points }) => points.map(([x]) => x))
  return {
    at,
    middle,
    half,
    radius,
    spacing: Math.min(...straight.slice(1).map((x, l) => x - straight[l]!)),
    room: (c) => {
      const level = levels[columns[c]!.level]!, above = level[level.indexOf(c) - 1]
      return above === undefined ? Infinity : ys[c]! - half(c) - ys[above]! - heights[above]!
    },
    wires: links.map(wire),
    turns,
    row: (c) => rows[columns[c]!.level]!,
    top: (row) => highest + height * row,
    pixel: (c, pixel) => {
      const { height, width } = columns[c]!, [x, y] = at(c, 0), side = 2 * radius(c)
      return [
        x + ((pixel % width + 0.5) / width - 0.5) * side,
        y + ((Math.floor(pixel / width) + 0.5) / height - 0.5) * side
      ]
    },
    bounds: {
      left: Math.min(-wide[0]!, ...turning),
      right: Math.max(...xs.map((x, l) => x + wide[l]! + 30), ...turning),
      top: highest - LABEL,
      bottom: Math.max(...ys.map((y, slot) => y + heights[slot]!))
    },
    hit: (x, y) => {
      for (const column of all) {
        const [center, first] = at(column, 0), reach = radius(column)
        if (Math.abs(x - center) > reach) continue
        const place = Math.round((y - first) / pitch(column))
        if (place < 0 || place >= columns[column]!.shown.length) continue
        if (Math.abs(y - at(column, place)[1]) <= reach) return { column, place }
      }
      return undefined
    }
  }
}
