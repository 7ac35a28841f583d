import type { Run } from "effect-neuron"
import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { makeStore } from "./store.ts"

/** What the dashboard's server is and has. */
export const about = makeStore<{
  readonly version: string
  readonly runs: string
  readonly mnist: boolean
  /** The address of a worker that has experiments of one's own. */
  readonly worker?: string
  /** Why there is none although it was asked for, in a sentence. */
  readonly problem?: string
}>({ version: "", runs: "", mnist: false })

const get = async (path: string): Promise<unknown> => {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

/** Asks the server what it is; a page without one trains all the same. */
export const askAbout = async (): Promise<void> => {
  try {
    about.set(await get("api/about") as ReturnType<typeof about.get>)
  } catch {
    about.set({ runs: "" })
  }
}

/** The run folders on the machine of the server. */
export const listFolders = (): Promise<ReadonlyArray<RunFolder>> => get("api/runs") as Promise<ReadonlyArray<RunFolder>>

/** The lines of a run's metrics from a byte on. */
export const metricsFrom = (name: string, from: number): Promise<Run.Part> =>
  get(`api/runs/${encodeURIComponent(name)}/metrics?from=${from}`) as Promise<Run.Part>
