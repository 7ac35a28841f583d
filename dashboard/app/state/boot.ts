import * as database from "./database.ts"
import { addRun, runs } from "./runs.ts"
import { restore, start } from "./session.ts"
import { settings } from "./settings.ts"

const KEY = "effect-neuron current run"

const keepCurrent = (): void => {
  try {
    const { current } = runs.get()
    if (current !== undefined) localStorage.setItem(KEY, current)
  } catch {
    // Without it a reload starts anew.
  }
}

const currentBefore = (): string | null => {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** Finds the runs of this browser again and goes on with the last one; where there is none, it starts one. */
export const boot = async (): Promise<void> => {
  try {
    const before = await database.loadRuns(), id = currentBefore()
    for (const run of before.toReversed()) addRun(run)
    const last = before.find((run) => run.id === id)
    const checkpoint = last === undefined ? undefined : await database.loadCheckpoint(last.id)
    runs.subscribe(keepCurrent)
    if (last?.choice !== undefined && checkpoint !== undefined) return await restore(last, checkpoint)
  } catch {
    runs.subscribe(keepCurrent)
  }
  await start(settings.get().choice)
}
