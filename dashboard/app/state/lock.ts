/**
 * Holds a run for this page until it is left; says whether it could. Two pages of one browser share a database, and
 * both going on with one run would each undo what the other keeps.
 */
export const hold = (id: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (navigator.locks === undefined) return resolve(true)
    navigator.locks.request(`effect-neuron run ${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null)
      return lock === null ? undefined : new Promise(() => {})
    }).catch(() => resolve(true))
  })
