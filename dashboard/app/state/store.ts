import { useLayoutEffect, useState } from "preact/hooks"

/** A value that can be watched. */
interface Store<T> {
  readonly get: () => T
  /** Replaces the fields that are given, and tells those who watch. */
  readonly set: (change: Partial<T>) => void
  readonly subscribe: (listener: () => void) => () => void
}

export const makeStore = <T extends object>(initial: T): Store<T> => {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set: (change) => {
      value = { ...value, ...change }
      for (const listener of listeners) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}

/** A part of a store's value; the component is drawn again when that part is another one. */
export const useStore = <T extends object, A>(store: Store<T>, select: (value: T) => A): A => {
  const selected = select(store.get())
  const [, draw] = useState({})
  useLayoutEffect(() => {
    let last = select(store.get())
    if (!Object.is(last, selected)) draw({})
    return store.subscribe(() => {
      const next = select(store.get())
      if (Object.is(next, last)) return
      last = next
      draw({})
    })
  }, [store])
  return selected
}
