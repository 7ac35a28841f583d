const PREFIX = "effect-neuron run "

// A page that is loaded again waits for the one that it was before to be gone.
const PATIENCE = 2000

/** The runs that this tab holds, each with what lets it go. */
const held = new Map<string, () => void>()

/**
 * Holds a run for this tab until it is let go or the tab is left; says whether it could. The tabs of a browser share a
 * database, and two that go on with one run would each undo what the other keeps. With `patient` it waits a while.
 */
export const hold = (id: string, { patient = false } = {}): Promise<boolean> =>
  new Promise((resolve) => {
    if (navigator.locks === undefined || held.has(id)) return resolve(true)
    const options = patient ? { signal: AbortSignal.timeout(PATIENCE) } : { ifAvailable: true }
    navigator.locks.request(PREFIX + id, options, (lock) => {
      if (lock === null) return resolve(false)
      const over = new Promise<void>((release) => held.set(id, release))
      resolve(true)
      return over
    }).catch(() => resolve(false))
  })

/** Lets others have a run. */
export const release = (id: string): void => {
  held.get(id)?.()
  held.delete(id)
}

/** The runs that other tabs of this browser hold. */
export const heldElsewhere = async (): Promise<ReadonlySet<string>> => {
  if (navigator.locks === undefined) return new Set()
  const { held: all = [] } = await navigator.locks.query()
  const ids = all.flatMap(({ name = "" }) => name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])
  return new Set(ids.filter((id) => !held.has(id)))
}
