import type { Run } from "effect-neuron"
import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import type { Written } from "./samples.ts"
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

const SERVER = "the server of the dashboard"

/** What the server has at a path. Of a failure that it answers with, the status is the cause. */
const ask = async (path: string): Promise<Response> => {
  const response = await fetch(path).catch((cause) => {
    throw new Error(`${SERVER} does not answer`, { cause })
  })
  if (!response.ok) throw new Error(`${SERVER} answers ${response.status}`, { cause: response.status })
  return response
}

const isMissing = (cause: unknown): boolean => (cause as Error).cause === 404

const get = async (path: string): Promise<unknown> => (await ask(path)).json()

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

/** Where the server has a file of a run folder. */
export const addressOf = (name: string, file: string): string => `api/runs/${encodeURIComponent(name)}/${file}`

/** A text that a run has gone on with, by the name of its file. */
export const writtenAt = (name: string, file: string): Promise<Written> =>
  get(addressOf(name, `samples/${file}`)) as Promise<Written>

/** The lines of a run's metrics from a byte on. */
export const metricsFrom = (name: string, from: number): Promise<Run.Part> =>
  get(addressOf(name, `metrics?from=${from}`)) as Promise<Run.Part>

/** The lines of a run's metrics, up to a step; none where none are kept. */
export const metricsUpTo = async (name: string, step: number): Promise<ReadonlyArray<Run.Line>> => {
  let lines: Array<Run.Line> = [], from = 0
  while (true) {
    const part = await metricsFrom(name, from).catch((cause) => {
      if (isMissing(cause)) return undefined
      throw cause
    })
    if (part === undefined || part.next === from) return lines
    if (part.anew) lines = []
    lines.push(...part.lines.filter((line) => line.step <= step))
    from = part.next
  }
}

/** The bytes of a checkpoint of a run folder. */
export const checkpointOf = async (name: string, file: string): Promise<Uint8Array<ArrayBuffer>> => {
  const response = await ask(addressOf(name, file)).catch((cause) => {
    throw isMissing(cause) ? new Error(`its ${file} is no longer there`) : cause
  })
  return new Uint8Array(await response.arrayBuffer())
}
