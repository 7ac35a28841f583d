import * as database from "./database.ts"
import { hold } from "./lock.ts"
import { addRun, runs } from "./runs.ts"
import { restore, start } from "./session.ts"
import { chosen } from "./settings.ts"

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

/**
 * Finds the runs of this browser again and goes on with the last one; it starts a new one where there is none, or where
 * another page goes on with that.
 */
export const boot = async (): Promise<void> => {
  try {
    const before = await database.loadRuns(), id = currentBefore()
    for (const run of before.toReversed()) addRun(run)
    const last = before.find((run) => run.id === id)
    const isMine = last !== undefined && await hold(last.id)
    const checkpoint = isMine ? await database.loadCheckpoint(last.id) : undefined
    runs.subscribe(keepCurrent)
    if (last?.choice !== undefined && checkpoint !== undefined) return await restore(last, checkpoint)
  } catch {
    runs.subscribe(keepCurrent)
  }
  await start(chosen())
}
