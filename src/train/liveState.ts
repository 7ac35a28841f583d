import * as Tree from "../core/Tree.ts"

/**
 * The one owner of the tensors of a training state: the newest one, and the last one that is known to be good, which are
 * the same unless metrics are yet to be read. Nothing here waits, so that nothing comes in between.
 */
export interface LiveState<T> {
  readonly now: () => T
  /** Puts the next state in the place of the newest, which is good with it: what it does not hold is disposed. */
  readonly replace: (next: T) => void
  /** As `replace`, but the last good state is kept. */
  readonly advance: (next: T) => void
  /** Puts in its place what somebody else has made of it: good if it was. */
  readonly modify: (next: T) => void
  /** The newest state is good. */
  readonly confirm: () => void
  /** The newest state is disposed, and the last good one takes its place. */
  readonly goBack: () => void
  /** Disposes a state that is not to be the next. */
  readonly refuse: (next: T) => void
  /** The end: everything is disposed. */
  readonly dispose: () => void
}

/** Takes over the tensors of a first state. */
export const liveState = <T extends Tree.Tree>(first: T): LiveState<T> => {
  let newest = first, good = first
  const confirm = () => {
    if (good !== newest) Tree.disposeExcept(good, newest)
    good = newest
  }
  const replace = (next: T) => {
    confirm()
    Tree.disposeExcept(newest, next)
    newest = good = next
  }
  const advance = (next: T) => {
    if (good !== newest) Tree.disposeExcept(newest, [next, good])
    newest = next
  }
  return {
    now: () => newest,
    replace,
    advance,
    modify: (next) => good === newest ? replace(next) : advance(next),
    confirm,
    goBack: () => {
      if (good !== newest) Tree.disposeExcept(newest, good)
      newest = good
    },
    refuse: (next) => Tree.disposeExcept(next, good === newest ? newest : [newest, good]),
    dispose: () => Tree.disposeExcept([newest, good])
  }
}
