import { noLooks } from "../layers/looks.ts"

/**
 * The names of what the database holds: runs, their checkpoints, the validations by which they are judged, and texts
 * that were pasted.
 */
export const RUNS = "runs", CHECKPOINTS = "checkpoints", JUDGED = "judged", TEXTS = "texts"

type Kept = { readonly [name: string]: unknown }

const models: { readonly [name: string]: string } = {
  "dense 32-16": "small-mlp",
  "dense 128": "mlp",
  "convolutional 8-16": "small-cnn",
  dense: "mlp",
  convolutional: "cnn"
}

// The least-squares, hinge and other losses take one step of the critic.
const criticSteps: { readonly [loss: string]: number } = { "wgan-gp": 2, wgan: 5 }

/** The experiment that a task was, with the weights of which it goes on; `undefined` where there is none. */
const experimentOf = (
  { dataset, epochs, learningRate, loss, model: name, optimizer, schedule, task, ...same }: Kept
) => {
  const model = models[String(name)], { batchSize, examples } = same
  if (model === undefined) return undefined
  if (task === "classifier") {
    const named = optimizer === "sgd with momentum" ? "momentum" : optimizer
    return { experiment: dataset, config: { ...same, model, optimizer: named, schedule, learningRate, epochs } }
  }
  const updates = Number(epochs) * Math.floor(Number(examples) / Number(batchSize))
  const rates = { generatorLearningRate: learningRate, criticLearningRate: learningRate }
  const steps = Math.max(1, Math.floor(updates / (criticSteps[String(loss)] ?? 1)))
  return { experiment: "generator", config: { ...same, ...rates, dataset, model, loss, conditional: true, steps } }
}

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
  (run) => ({ ...run, note: "" }),
  // There were two tasks, each with fields of its own.
  (run) => {
    const choice = run["choice"] as Kept | undefined
    if (choice === undefined) return run
    const { choice: _, ...rest } = run, now = experimentOf(choice)
    return now === undefined
      ? { ...rest, note: [run["note"], "Its network is no longer had: it can be looked at."].filter(Boolean).join(" ") }
      : { ...rest, choice: now }
  },
  // How weights were distributed was known as long as the page was open.
  (run) => ({ ...run, looks: noLooks() }),
  // Whatever was measured beside the steps was one series, mostly of validations.
  ({ test, ...run }) => ({ ...run, others: test === undefined ? {} : { validation: test } }),
  // There was no text of one's own.
  (run) => run
]

/** The version that a page of today has. */
export const VERSION = steps.length + 1

/** A run that was kept by a page of a version, as that of today has it. */
export const migrated = (run: Kept, from: number): Kept => steps.slice(from - 1).reduce((run, step) => step(run), run)

/** Brings a database to the version of today; it is in the middle of a change of its version. */
export const migrate = (database: IDBDatabase, transaction: IDBTransaction, from: number): void => {
  if (from < 5) database.createObjectStore(JUDGED)
  if (from < 7) database.createObjectStore(TEXTS)
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
