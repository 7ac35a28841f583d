import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { addLines, addRun, changed, findRun, newRun, removeRun, runs, updateRun } from "../state/runs.ts"
import type { Phase } from "../state/runs.ts"
import { empty } from "../state/series.ts"
import { listFolders, metricsFrom } from "../state/server.ts"
import { settings } from "../state/settings.ts"
import { idOf } from "./rows.ts"

const POLL = 1000, IDLE = 4000, AT_ONCE = 500

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Where the run of a folder stands; of one that cannot be read nothing goes on. */
const phaseOf = ({ killed, run }: RunFolder): Phase =>
  run === undefined || killed ? "stopped" : run.state === "tested" ? "finished" : run.state

const follow = async (folder: string): Promise<void> => {
  const id = idOf(folder)
  let from = 0
  while (true) {
    let wait = IDLE
    try {
      const { anew, lines, next } = await metricsFrom(folder, from)
      if (findRun(id) === undefined) return
      // It was gone on with from an earlier step, and is written anew from there.
      if (anew) updateRun(id, { train: empty(), others: {} })
      for (let i = 0; i < lines.length; i += AT_ONCE) {
        addLines(findRun(id)!, lines.slice(i, i + AT_ONCE))
        changed()
        await pause(0)
      }
      if (lines.length > 0) wait = anew || next - from > 500_000 ? 0 : POLL
      from = next
      const found = (await listFolders()).find(({ name }) => name === folder)
      if (found !== undefined) updateRun(id, { phase: phaseOf(found), stepsPerEpoch: found.run?.stepsPerEpoch })
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
