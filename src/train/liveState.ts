import { TensorError } from "../core/errors.ts"
import * as Tree from "../core/Tree.ts"

/**
 * The one owner of the tensors of a training state: the newest one, the last one that is known to be good, which are
 * the same unless metrics are yet to be read, and those that are held. A tensor is disposed when the last state with it
 * is none of these any more. Nothing here waits, so that nothing comes in between. A state that comes after the end is
 * disposed, and the answer is what to fail with.
 */
export interface LiveState<T> {
  readonly now: () => T
  /** The newest state, which lives until it is released. */
  readonly hold: () => { readonly state: T; readonly release: () => void }
  /** Puts the next state in the place of the newest, which is good with it. */
  readonly replace: (next: T) => TensorError | undefined
  /** As `replace`, but the last good state is kept. */
  readonly advance: (next: T) => TensorError | undefined
  /** Puts in its place what somebody else has made of it: good if it was. */
  readonly modify: (next: T) => TensorError | undefined
  /** The newest state is good. */
  readonly confirm: () => void
  /** The newest state is disposed, and the last good one takes its place. */
  readonly goBack: () => void
  /** Disposes a state that is not to be the next. */
  readonly refuse: (next: T) => void
  /** The end: everything is disposed but what is held. */
  readonly dispose: () => void
}

/** Takes over the tensors of a first state. */
export const liveState = <T extends Tree.Tree & { readonly step: number }>(first: T): LiveState<T> => {
  let newest = first, good = first, ended = false
  const holders = new Map<T, number>()
  /** Disposes what of a state is in no other that lives. */
  const free = (state: T, ...living: ReadonlyArray<T>) =>
    Tree.disposeExcept(state, holders.size === 0 ? living : [...living, ...holders.keys()])
  const confirm = () => {
    if (good !== newest) free(good, newest)
    good = newest
  }
  const late = (next: T) => {
    free(next)
    return new TensorError({ operation: `state of step ${next.step}`, cause: "the Scope of the trainer has ended" })
  }
  const replace = (next: T) => {
    if (ended) return late(next)
    confirm()
    free(newest, next)
    newest = good = next
    return undefined
  }
  const advance = (next: T) => {
    if (ended) return late(next)
    if (good !== newest) free(newest, next, good)
    newest = next
    return undefined
  }
  return {
    now: () => newest,
    hold: () => {
      const state = newest
      let holding = true
      holders.set(state, (holders.get(state) ?? 0) + 1)
      const release = () => {
        if (!holding) return
        holding = false
        const others = holders.get(state)! - 1
        if (others > 0) {
          holders.set(state, others)
          return
        }
        holders.delete(state)
        if (ended) free(state)
        else free(state, newest, good)
      }
      return { state, release }
    },
    replace,
    advance,
    modify: (next) => good === newest ? replace(next) : advance(next),
    confirm,
    goBack: () => {
      if (good !== newest) free(newest, good)
      newest = good
    },
    refuse: (next) => free(next, newest, good),
    dispose: () => {
      ended = true
      free(newest)
      if (good !== newest) free(good)
    }
  }
}
