import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { phaseOf } from "../state/life.ts"
import { addLines, addRun, changed, findRun, newRun, removeRun, runs, updateRun } from "../state/runs.ts"
import { empty } from "../state/series.ts"
import { metricsFrom } from "../state/server.ts"
import { settings } from "../state/settings.ts"
import { listing, watchListing } from "./listing.ts"
import { idOf } from "./rows.ts"

const POLL = 1000, IDLE = 4000, AT_ONCE = 500

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Where reading the metrics of a folder is: the byte behind what was read, and what was listed when all was read. */
interface Place {
  readonly from: number
  readonly listed?: string
}

/** The loop that reads each folder, by which one that was taken out of the charts knows that it is over. */
const loops = new Map<string, object>()

/** Where those are that have read all there is of a run that has come to its end. */
const ended = new Map<string, Place>()

const listed = (folder: string): RunFolder | undefined => listing.get().folders.find(({ name }) => name === folder)

/** Whether a run says that nothing is written of it, as long as it says the same. */
const isAtRest = ({ run }: RunFolder): boolean =>
  run !== undefined && ["stopped", "failed", "finished", "tested"].includes(run.state)

const follow = async (folder: string, place: Place): Promise<void> => {
  const id = idOf(folder), loop = {}, unwatch = watchListing()
  loops.set(folder, loop)
  const isWanted = () => loops.get(folder) === loop && findRun(id) !== undefined
  let now = place
  while (isWanted()) {
    const found = listed(folder), said = JSON.stringify(found)
    let wait = IDLE
    try {
      if (found === undefined || !isAtRest(found) || said !== now.listed) {
        const { anew, lines, next } = await metricsFrom(folder, now.from)
        if (!isWanted()) break
        // It was gone on with from an earlier step, and is written anew from there.
        if (anew) updateRun(id, { train: empty(), others: {} })
        for (let i = 0; i < lines.length && isWanted(); i += AT_ONCE) {
          addLines(findRun(id)!, lines.slice(i, i + AT_ONCE))
          changed()
          await pause(0)
        }
        if (lines.length > 0) wait = anew || next - now.from > 500_000 ? 0 : POLL
        now = { from: next, ...(lines.length === 0 && !anew && said !== undefined ? { listed: said } : {}) }
      }
      const latest = listed(folder)
      if (latest !== undefined) updateRun(id, { phase: phaseOf(latest), stepsPerEpoch: latest.run?.stepsPerEpoch })
      if (found?.run?.state === "tested" && now.listed === said) {
        ended.set(folder, now)
        break
      }
    } catch {
      // The server was stopped or the folder removed; either may come back.
    }
    await pause(wait)
  }
  unwatch()
  if (loops.get(folder) === loop) loops.delete(folder)
}

// One that has come to its end may be gone on with, which is seen as soon as somebody looks at the folders.
listing.subscribe(() => {
  for (const [folder, place] of ended) {
    if (JSON.stringify(listed(folder)) === place.listed) continue
    ended.delete(folder)
    void follow(folder, place)
  }
})

/** Brings the run of a folder into the charts, and follows it as long as it is there and goes on. */
export const showFolder = (folder: string): void => {
  if (findRun(idOf(folder)) !== undefined) return
  addRun(newRun({ id: idOf(folder), name: folder, kind: "folder", phase: "running" }))
  keep()
  void follow(folder, { from: 0 })
}

export const hideFolder = (folder: string): void => {
  ended.delete(folder)
  removeRun(idOf(folder))
  keep()
}

// A page that is loaded again finds its folders again.
const keep = (): void =>
  settings.set({ folders: runs.get().all.filter(({ kind }) => kind === "folder").map(({ name }) => name) })
