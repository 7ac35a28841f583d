import { events, problemOf } from "./database.ts"
import { makeStore } from "./store.ts"

/** What is known about where runs are kept. */
export const storage = makeStore<{
  /** Why runs are not kept, by what is not, each in a sentence; the training goes on meanwhile. */
  readonly database: string | undefined
  readonly course: string | undefined
  readonly weights: string | undefined
  /** Bytes that are used and that the browser gives, where it tells them. */
  readonly usage: number | undefined
  readonly quota: number | undefined
}>({ database: undefined, course: undefined, weights: undefined, usage: undefined, quota: undefined })

const BLOCKED = "Other tabs of this page hold the runs in an older form. Close the other tabs, and this one goes on.",
  OUTDATED = "Another tab has a newer version of this page, and this one keeps nothing any more. Load it again."

events.addEventListener("blocked", () => storage.set({ database: BLOCKED }))
events.addEventListener("opened", () => storage.set({ database: undefined }))
events.addEventListener("outdated", () => storage.set({ database: OUTDATED }))

/** Says that something is not kept, and why, or that it is again. */
export const report = (what: "course" | "weights", problem: string | undefined): void => {
  if (storage.get()[what] !== problem) storage.set({ [what]: problem })
}

/** Waits for something that keeps runs, and tells whether it works. It does not fail. */
export const keeping = async (what: "course" | "weights", work: Promise<unknown>): Promise<boolean> => {
  try {
    await work
    report(what, undefined)
    return true
  } catch (cause) {
    report(what, problemOf(cause))
    return false
  }
}

/** Asks the browser how much is used. */
export const measure = async (): Promise<void> => {
  const { quota, usage } = await navigator.storage?.estimate?.() ?? {}
  storage.set({ quota, usage })
}

/** Asks the browser not to clear what is kept when its disk is full; some ask the person, who has just started a run. */
export const persist = (): void => {
  void navigator.storage?.persist?.().catch(() => undefined)
}
