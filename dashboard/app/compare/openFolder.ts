import { addRun, changed, findRun, newRun, removeRun, runs, updateRun } from "../state/runs.ts"
import type { Phase } from "../state/runs.ts"
import { append, empty } from "../state/series.ts"
import { listFolders, metricsFrom } from "../state/server.ts"
import { settings } from "../state/settings.ts"

const POLL = 1000, IDLE = 4000, AT_ONCE = 500

/** The name of a run in the page that stands for a run folder. */
export const idOf = (folder: string): string => `folder ${folder}`

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What is known of a folder's run by its summary. */
export const phaseOf = (summary: unknown): Phase => {
  const status = (summary as { readonly status?: unknown } | null)?.status
  return status === "running" || status === "finished" || status === "failed" ? status : "stopped"
}

const numbers = (line: { readonly [name: string]: unknown }): { readonly [name: string]: number } =>
  Object.fromEntries(
    Object.entries(line).filter((entry): entry is [string, number] =>
      typeof entry[1] === "number" && entry[0] !== "step" && entry[0] !== "size"
    )
  )

/** Adds lines of a `metrics.jsonl`; what is no such line is left out. */
const addLines = (run: NonNullable<ReturnType<typeof findRun>>, lines: ReadonlyArray<string>): void => {
  for (const text of lines) {
    try {
      const line = JSON.parse(text) as { readonly [name: string]: unknown }
      if (typeof line["step"] !== "number") continue
      append(line["split"] === "test" ? run.test : run.train, line["step"], numbers(line))
    } catch {
      continue
    }
  }
}

const follow = async (folder: string): Promise<void> => {
  const id = idOf(folder)
  let from = 0
  while (true) {
    let wait = IDLE
    try {
      const { next, text } = await metricsFrom(folder, from)
      if (findRun(id) === undefined) return
      // It was gone on with from an earlier step, and is written anew from there.
      if (next < from) updateRun(id, { train: empty(), test: empty() })
      const lines = text.split("\n")
      for (let i = 0; i < lines.length; i += AT_ONCE) {
        addLines(findRun(id)!, lines.slice(i, i + AT_ONCE))
        changed()
        await pause(0)
      }
      if (next > from) wait = text.length > 500_000 ? 0 : POLL
      from = next
      const found = (await listFolders()).find(({ name }) => name === folder)
      if (found !== undefined) updateRun(id, { phase: phaseOf(found.summary) })
    } catch {
      // The server was stopped or the folder removed; either may come back.
    }
    await pause(wait)
    if (findRun(id) === undefined) return
  }
}

/** Brings the run of a folder into the charts, and follows it as long as it is there. */
export const openFolder = (folder: string): void => {
  if (findRun(idOf(folder)) !== undefined) return
  addRun(newRun({ id: idOf(folder), name: folder, kind: "folder", phase: "running" }))
  keep()
  void follow(folder)
}

export const closeFolder = (folder: string): void => {
  removeRun(idOf(folder))
  keep()
}

// A page that is loaded again finds its folders again.
const keep = (): void =>
  settings.set({ folders: runs.get().all.filter(({ kind }) => kind === "folder").map(({ name }) => name) })
