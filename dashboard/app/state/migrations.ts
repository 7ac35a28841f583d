/** The names of what the database holds. */
export const RUNS = "runs", CHECKPOINTS = "checkpoints"

type Kept = { readonly [name: string]: unknown }

/**
 * What becomes of a run that an earlier page has kept: element `i` makes of one of version `i + 1` one of the next. No
 * run is dropped because pages have another form of it by now.
 */
const steps: ReadonlyArray<(run: Kept) => Kept> = [
  // There were classifiers alone.
  (run) => ({
    ...run,
    choice: { task: "classifier", ...run["choice"] as Kept | undefined },
    samples: { steps: [], pictures: [], stride: 1 }
  }),
  // What it was computed with is not known: that of the form, when it is opened.
  (run) => ({ ...run, note: "" })
]

/** The version that a page of today has. */
export const VERSION = steps.length + 1

/** A run that was kept by a page of a version, as that of today has it. */
export const migrated = (run: Kept, from: number): Kept => steps.slice(from - 1).reduce((run, step) => step(run), run)

/** Brings a database to the version of today; it is in the middle of a change of its version. */
export const migrate = (database: IDBDatabase, transaction: IDBTransaction, from: number): void => {
  if (from === 0) {
    database.createObjectStore(RUNS, { keyPath: "id" })
    database.createObjectStore(CHECKPOINTS)
    return
  }
  const request = transaction.objectStore(RUNS).openCursor()
  request.addEventListener("success", () => {
    const cursor = request.result
    if (cursor === null) return
    cursor.update(migrated(cursor.value, from))
    cursor.continue()
  })
}
