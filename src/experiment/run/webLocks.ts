import { Effect } from "effect"
import type { Scope } from "effect"

// Node has them from version 24.5 on.
const manager = (): LockManager | undefined => globalThis.navigator?.locks as LockManager | undefined

/**
 * Holds a lock among the pages and workers of a browser, or the threads of a process, until the Scope ends; it goes with
 * the page, worker or thread, however that ends. Gives whether it could; where there are no such locks it is as if.
 */
export const holdWebLock = (name: string): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly isHeld: boolean; readonly release: () => void }>((resume) => {
      const answer = (isHeld: boolean, release = () => {}) => resume(Effect.succeed({ isHeld, release }))
      const locks = manager()
      if (locks === undefined) return answer(true)
      locks.request(name, { ifAvailable: true }, (lock) =>
        lock === null ? answer(false) : new Promise<void>((release) =>
          answer(true, release)
        )).catch(() => answer(true))
    }),
    ({ release }) => Effect.sync(release)
  ).pipe(Effect.map(({ isHeld }) => isHeld))

/** Whether nobody holds a lock; nothing can be said where there are none. */
export const isFree = (name: string): Effect.Effect<boolean> =>
  Effect.suspend(() => manager() === undefined ? Effect.succeed(false) : Effect.scoped(holdWebLock(name)))
