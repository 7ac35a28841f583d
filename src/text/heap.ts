/** What is taken out in an order, whatever it was put in: `before` says which of two comes first. */
export interface Heap<A> {
  readonly push: (item: A) => void
  /** The first one, which is taken out; `undefined` when there is none. */
  readonly pop: () => A | undefined
}

/** A binary heap of some items (Williams: "Algorithm 232: Heapsort", 1964). */
export const heap = <A>(before: (a: A, b: A) => boolean, items: ReadonlyArray<A> = []): Heap<A> => {
  const held = items.slice()
  const sink = (from: number) => {
    const item = held[from]!
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= held.length) break
      if (child + 1 < held.length && before(held[child + 1]!, held[child]!)) child++
      if (!before(held[child]!, item)) break
      held[at] = held[child]!
      at = child
    }
    held[at] = item
  }
  for (let i = held.length >> 1; i-- > 0;) sink(i)
  return {
    push: (item) => {
      let at = held.length
      held.push(item)
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!before(item, held[parent]!)) break
        held[at] = held[parent]!
        at = parent
      }
      held[at] = item
    },
    pop: () => {
      const first = held[0], last = held.pop()
      if (held.length > 0) {
        held[0] = last!
        sink(0)
      }
      return first
    }
  }
}
