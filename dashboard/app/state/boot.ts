import { messageOf } from "../../../src/core/messageOf.ts"
import { offer, offered } from "../training/offer.ts"
import { start } from "./commands.ts"
import { connect } from "./connection.ts"
import * as database from "./database.ts"
import { heldElsewhere, hold } from "./lock.ts"
import { addRun } from "./runs.ts"
import type { Run } from "./runs.ts"
import { about, askAbout } from "./server.ts"
import { dispatch, hearOfKept, keepAtOnce, keepCourse } from "./session.ts"
import { chosen, settings } from "./settings.ts"
import { keeping } from "./storage.ts"
import { runOfBrowser, runOfTab } from "./tab.ts"

/**
 * The run that this tab goes on with: its own, when it is loaded again; that of a tab that was closed, when there is no
 * other tab; else none.
 */
const runToGoOnWith = async (kept: ReadonlyArray<Run>): Promise<Run | undefined> => {
  const find = (id: string | null) => kept.find((run) => run.id === id && run.choice !== undefined)
  const own = find(runOfTab())
  // A tab that was duplicated names the run of the other.
  if (own !== undefined) return await hold(own.id, { patient: true }) ? own : undefined
  const last = find(runOfBrowser())
  // A page that was opened with experiments of one's own is not there for what was trained before.
  const isWanted = about.get().worker === undefined || offered(last?.choice?.experiment)?.file !== undefined
  return last !== undefined && isWanted && (await heldElsewhere()).size === 0 && await hold(last.id) ? last : undefined
}

/** What is kept when the page is left, whoever asks for it: also by a browser that needs the memory of hidden tabs. */
const keepWhenLeft = (): void => {
  addEventListener("pagehide", keepAtOnce)
  document.addEventListener("visibilitychange", () => document.hidden && void keepCourse())
}

/** A page that was opened with experiments of one's own begins with one of them. */
const preferOwn = (): void => {
  const own = offer.get().experiments.find(({ file }) => file !== undefined)
  if (own !== undefined && offered(settings.get().experiment)?.file === undefined) {
    settings.set({ experiment: own.name })
  }
}

/** Finds the runs of this browser again, and goes on with that of this tab, in the phase that it had; or starts one. */
export const boot = async (): Promise<void> => {
  hearOfKept()
  keepWhenLeft()
  const connecting = askAbout().then(() => connect()).then(preferOwn, (cause: unknown) => messageOf(cause))
  let run: Run | undefined
  await keeping(
    "course",
    database.loadRuns().then(async (kept) => {
      await connecting
      for (const run of kept.toReversed()) addRun(run)
      run = await runToGoOnWith(kept)
    })
  )
  const problem = await connecting
  if (run === undefined) {
    return problem === undefined
      ? start(chosen())
      : dispatch({ type: "refused", message: problem })
  }
  const { id, phase, reason } = run
  dispatch({ type: "begin", run: id, as: phase === "starting" ? "running" : phase, reason })
}
