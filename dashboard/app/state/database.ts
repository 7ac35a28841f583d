import type { Run } from "./runs.ts"

const NAME = "effect-neuron dashboard", RUNS = "runs", CHECKPOINTS = "checkpoints", VERSION = 2

/** More runs than these are not kept. */
const KEPT = 12

const finished = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error))
  })

let opened: Promise<IDBDatabase> | undefined

const open = (): Promise<IDBDatabase> =>
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION)
    request.addEventListener("upgradeneeded", () => {
      // Runs of another form are not gone on with.
      for (const name of request.result.objectStoreNames) request.result.deleteObjectStore(name)
      request.result.createObjectStore(RUNS, { keyPath: "id" })
      request.result.createObjectStore(CHECKPOINTS)
    })
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error))
  })

/** Keeps a run, and the checkpoint that belongs to it, in one transaction: one is never newer than the other. */
export const save = async (run: Run, checkpoint?: Uint8Array): Promise<void> => {
  const transaction = (await open()).transaction([RUNS, CHECKPOINTS], "readwrite", { durability: "relaxed" })
  transaction.objectStore(RUNS).put(run)
  if (checkpoint !== undefined) transaction.objectStore(CHECKPOINTS).put(checkpoint, run.id)
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve())
    transaction.addEventListener("error", () => reject(transaction.error))
    transaction.addEventListener("abort", () => reject(transaction.error))
  })
}

export const remove = async (id: string): Promise<void> => {
  const transaction = (await open()).transaction([RUNS, CHECKPOINTS], "readwrite")
  transaction.objectStore(RUNS).delete(id)
  transaction.objectStore(CHECKPOINTS).delete(id)
}

/** The runs that were kept, the newest first. Those beyond the last twelve are forgotten. */
export const loadRuns = async (): Promise<ReadonlyArray<Run>> => {
  const store = (await open()).transaction(RUNS).objectStore(RUNS)
  const all = (await finished(store.getAll()) as Array<Run>).sort((a, b) => b.created - a.created)
  await Promise.all(all.slice(KEPT).map(({ id }) => remove(id)))
  return all.slice(0, KEPT)
}

export const loadCheckpoint = async (id: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const store = (await open()).transaction(CHECKPOINTS).objectStore(CHECKPOINTS)
  return await finished(store.get(id)) as Uint8Array<ArrayBuffer> | undefined
}
