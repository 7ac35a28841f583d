/** What of a column matters to where it stands. */
export interface Placed {
  readonly takes: ReadonlyArray<number>
  readonly level: number
}

/** A place in a level: that of a column, or of what goes past the level from one to columns behind it. */
export interface Slot {
  readonly column: number
  readonly isLane: boolean
  readonly before: Array<number>
  readonly after: Array<number>
}

/** From a slot to one of the next level, on the way from a column to others. */
export interface Link {
  readonly from: number
  readonly to: number
  readonly targets: ReadonlyArray<number>
}

export interface Slots {
  /** First those of the columns, in their order. */
  readonly slots: ReadonlyArray<Slot>
  readonly links: ReadonlyArray<Link>
  /** The slots of each level, from the top down. */
  readonly levels: ReadonlyArray<ReadonlyArray<number>>
}

/** The slots of columns. What goes from one to several others is one lane as far as they have the same way. */
const slotsOf = (columns: ReadonlyArray<Placed>): Slots => {
  const slots: Array<Slot> = columns.map((_, column) => ({ column, isLane: false, before: [], after: [] }))
  const levels: Array<Array<number>> = []
  columns.forEach(({ level }, column) => (levels[level] ??= []).push(column))
  const lanes = new Map<string, number>(), links = new Map<string, Link & { readonly targets: Array<number> }>()
  const link = (from: number, to: number, target: number) => {
    const key = `${from} ${to}`, known = links.get(key)
    if (known !== undefined) return known.targets.push(target)
    slots[from]!.after.push(to)
    slots[to]!.before.push(from)
    return links.set(key, { from, to, targets: [target] })
  }
  columns.forEach(({ level, takes }, column) => {
    for (const source of takes) {
      let from = source
      for (let between = columns[source]!.level + 1; between < level; between++) {
        const key = `${source} ${between}`
        let lane = lanes.get(key)
        if (lane === undefined) {
          lane = slots.push({ column: source, isLane: true, before: [], after: [] }) - 1
          lanes.set(key, lane)
          levels[between]!.push(lane)
        }
        link(from, lane, column)
        from = lane
      }
      link(from, column, column)
    }
  })
  return { slots, links: [...links.values()], levels }
}

const crossings = ({ levels, links }: Slots): number => {
  const place = new Map(levels.flatMap((level) => level.map((slot, i) => [slot, i] as const)))
  const level = new Map(levels.flatMap((slots, l) => slots.map((slot) => [slot, l] as const)))
  const gaps = levels.map((): Array<Link> => [])
  for (const link of links) gaps[level.get(link.from)!]!.push(link)
  let count = 0
  for (const gap of gaps) {
    gap.forEach((a, i) => {
      for (let j = 0; j < i; j++) {
        const b = gap[j]!, starts = place.get(a.from)! - place.get(b.from)!, ends = place.get(a.to)! - place.get(b.to)!
        if (starts * ends < 0) count += 1
      }
    })
  }
  return count
}

const SWEEPS = 6

/**
 * The slots of columns, in an order in which few of their links cross: level by level, forth and back, each slot goes
 * to the middle of those that it is linked to (Sugiyama, Tagawa, Toda: "Methods for visual understanding of
 * hierarchical system structures", 1981), and the best order that there was is kept. What goes past a level stands
 * below what it goes past unless less crosses otherwise: names stand above.
 */
export const inOrder = (columns: ReadonlyArray<Placed>): Slots => {
  let best = slotsOf(columns), least = crossings(best), levels = best.levels
  for (let sweep = 0; sweep < SWEEPS && least > 0; sweep++) {
    const isForth = sweep % 2 === 0, sorted = [...levels], place = new Map<number, number>()
    for (let i = 0; i < levels.length; i++) {
      const l = isForth ? i : levels.length - 1 - i, level = levels[l]!
      const middle = new Map(level.map((slot, i) => {
        const near = best.slots[slot]![isForth ? "before" : "after"]
        return [slot, near.length === 0 ? i : near.reduce((sum, other) => sum + place.get(other)!, 0) / near.length]
      }))
      sorted[l] = level.toSorted((a, b) => middle.get(a)! - middle.get(b)!)
      sorted[l].forEach((slot, i) => place.set(slot, i))
    }
    levels = sorted
    const next = { ...best, levels }, count = crossings(next)
    if (count < least) [best, least] = [next, count]
  }
  return best
}
