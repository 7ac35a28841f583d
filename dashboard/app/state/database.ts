import { messageOf } from "../../../src/core/messageOf.ts"
import { CHECKPOINTS, JUDGED, migrate, RUNS, TEXTS, VERSION } from "./migrations.ts"
import type { Run } from "./runs.ts"

const NAME = "effect-neuron dashboard"

/**
 * What happens to the database: it is `blocked` while another tab holds one of an older version, `opened` then, and
 * `outdated` when another tab waits for a newer version, for which this one gives it up.
 */
export const events = new EventTarget()

const say = (type: "blocked" | "opened" | "outdated"): void => void events.dispatchEvent(new Event(type))

/** What is said about a failure to keep a run. */
export const problemOf = (cause: unknown): string =>
  (cause as { readonly name?: string } | null)?.name === "QuotaExceededError"
    ? "The browser has no more room: runs go on, and are not kept. Forget some of them to make room."
    : `Runs go on, and are not kept: ${messageOf(cause)}`

const answer = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error))
  })

let opening: Promise<IDBDatabase> | undefined, opened: IDBDatabase | undefined

const open = (): Promise<IDBDatabase> => {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION)
    request.addEventListener("blocked", () => say("blocked"))
    request.addEventListener("upgradeneeded", ({ oldVersion }) => {
      migrate(request.result, request.transaction!, oldVersion)
    })
    request.addEventListener("success", () => {
      opened = request.result
      opened.addEventListener("versionchange", () => {
        request.result.close()
        say("outdated")
      })
      say("opened")
      resolve(opened)
    })
    request.addEventListener("error", () => reject(request.error))
  })
  return opening
}

/** The runs of which this tab knows that they are kept, with a checkpoint or none yet. */
const stored = new Set<string>()

/** Whether a run is kept, so that its checkpoint is what it goes on from. */
export const isStored = (id: string): boolean => stored.has(id)

const STORES = [RUNS, CHECKPOINTS, JUDGED]

const whenComplete = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = () => reject(transaction.error ?? new Error("the browser gave it up"))
    transaction.addEventListener("complete", () => resolve())
    transaction.addEventListener("error", fail)
    transaction.addEventListener("abort", fail)
  })

type Use = (runs: IDBObjectStore, checkpoints: IDBObjectStore, judged: IDBObjectStore) => unknown

const write = async (use: Use): Promise<void> => {
  const transaction = (await open()).transaction(STORES, "readwrite", { durability: "relaxed" })
  const complete = whenComplete(transaction)
  const [runs, checkpoints, judged] = STORES.map((name) => transaction.objectStore(name))
  await Promise.all([use(runs!, checkpoints!, judged!), complete])
}

/** Keeps a run, and in the same transaction a checkpoint that belongs to it, and what was monitored up to there. */
export const save = (run: Run, checkpoint?: Uint8Array, earlier?: ReadonlyArray<Judged>): Promise<void> =>
  write((runs, checkpoints, judged) => {
    runs.put(run)
    if (checkpoint !== undefined) checkpoints.put(checkpoint, run.id)
    if (earlier !== undefined) judged.put(earlier, run.id)
    stored.add(run.id)
  })

/** Keeps a run in a page that is being left, which waits for nothing. */
export const saveAtOnce = (run: Run): void => {
  try {
    const transaction = opened?.transaction(RUNS, "readwrite", { durability: "relaxed" })
    transaction?.objectStore(RUNS).put(run)
    transaction?.commit()
  } catch {
    // Nobody is there to be told.
  }
}

/** Keeps a checkpoint alone, from where a run is computed. */
export const saveCheckpoint = (id: string, checkpoint: Uint8Array): Promise<void> =>
  write((_, checkpoints) => checkpoints.put(checkpoint, id))

/** What was monitored in a validation, after a step. */
export type Judged = readonly [step: number, value: number]

/** Keeps what was monitored in the validations of a run so far, from where it is computed. */
export const saveJudged = (id: string, all: ReadonlyArray<Judged>): Promise<void> =>
  write((_, __, judged) => judged.put(all, id))

/** Changes a run that is kept, which another tab may have kept meanwhile. */
export const change = (id: string, change: Partial<Run>): Promise<void> =>
  write(async (runs) => {
    const kept = await answer<Run | undefined>(runs.get(id))
    if (kept !== undefined) runs.put({ ...kept, ...change })
  })

/** Keeps a run that begins with the checkpoint of another. */
export const fork = (from: string, run: Run): Promise<void> =>
  write(async (runs, checkpoints, judged) => {
    runs.put(run)
    for (const store of [checkpoints, judged]) {
      const kept = await answer<unknown>(store.get(from))
      if (kept !== undefined) store.put(kept, run.id)
    }
    stored.add(run.id)
  })

/** Forgets runs, for good. */
export const remove = (ids: ReadonlyArray<string>): Promise<void> =>
  write((...stores) => {
    for (const id of ids) for (const store of stores) store.delete(id)
  })

/** Keeps a text that was pasted, under its name. */
export const saveText = async (name: string, text: string): Promise<void> => {
  const transaction = (await open()).transaction(TEXTS, "readwrite"), complete = whenComplete(transaction)
  transaction.objectStore(TEXTS).put(text, name)
  await complete
}

const read = async <A>(store: string, ask: (store: IDBObjectStore) => IDBRequest<A>): Promise<A> =>
  answer(ask((await open()).transaction(store).objectStore(store)))

/** The runs that are kept, the newest first. */
export const loadRuns = async (): Promise<ReadonlyArray<Run>> => {
  const all = await read<Array<Run>>(RUNS, (store) => store.getAll())
  for (const { id } of all) stored.add(id)
  return all.sort((a, b) => b.created - a.created)
}

export const loadRun = async (id: string): Promise<Run | undefined> => {
  const run = await read<Run | undefined>(RUNS, (store) => store.get(id))
  if (run !== undefined) stored.add(id)
  return run
}

/** The names of the runs that are kept. */
export const loadIds = (): Promise<ReadonlyArray<string>> =>
  read(RUNS, (store) => store.getAllKeys() as IDBRequest<Array<string>>)

export const loadCheckpoint = (id: string): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  read(CHECKPOINTS, (store) => store.get(id))

export const loadJudged = async (id: string): Promise<ReadonlyArray<Judged>> =>
  await read<ReadonlyArray<Judged> | undefined>(JUDGED, (store) => store.get(id)) ?? []

export const loadText = (name: string): Promise<string | undefined> => read(TEXTS, (store) => store.get(name))
