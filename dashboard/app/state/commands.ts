import { messageOf } from "../../../src/core/messageOf.ts"
import { count } from "../../../src/experiment/report/numbers.ts"
import type { Choice } from "../training/definition.ts"
import { describe, problemOf } from "../training/offer.ts"
import * as database from "./database.ts"
import { canBegin } from "./life.ts"
import type { Command } from "./life.ts"
import { hold, release } from "./lock.ts"
import { addRun, findRun, newRun, nextColor, nextNumber, removeRun, runs, stepOf, updateRun } from "./runs.ts"
import type { Run } from "./runs.ts"
import { dispatch, keepCourse, session, whenKept } from "./session.ts"
import { settings } from "./settings.ts"
import { keeping, measure } from "./storage.ts"

export const refuse = (message: string): void => dispatch({ type: "refused", message })

/** A run of this tab, which no other can have. */
export const make = (fields: Pick<Run, "name"> & Partial<Run>): Run => {
  const run = newRun({ kind: "page", backend: settings.get().backend, ...fields, id: crypto.randomUUID() })
  void hold(run.id)
  return run
}

/** Starts a new run, beside the one that there is. */
export const start = (choice: Choice | undefined): void => {
  if (!canBegin(session.get()) || choice === undefined) return
  const problem = problemOf(choice)
  if (problem !== undefined) return refuse(problem)
  const run = make({ name: `${nextNumber()} ${describe(choice)}`, choice })
  addRun(run)
  dispatch({ type: "begin", run: run.id, as: "running" })
}

/** Begins a run with what is fetched for it: one at a time, and nothing else begins meanwhile. */
export const beginning = async (
  fetched: () => Promise<{ readonly run: string; readonly as: Run["phase"] }>,
  /** Before the reason why it does not. */
  otherwise = ""
): Promise<void> => {
  const isFree = canBegin(session.get())
  dispatch({ type: "reserve" })
  if (!isFree) return
  try {
    dispatch({ type: "begin", ...await fetched(), isReserved: true })
  } catch (cause) {
    refuse(otherwise + messageOf(cause))
  } finally {
    dispatch({ type: "unreserve" })
  }
}

/** Does something with a run that this tab holds; where that fails, others can have it. */
export const holding = async <A>(id: string, work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (cause) {
    release(id)
    throw cause
  }
}

const HELD = "This run is open in another tab.", GONE = "This run is no longer kept."

/** Takes a run that was kept into this tab, paused, from its last checkpoint on. */
export const open = async (id: string): Promise<void> => {
  if (id === session.get().run) return
  await beginning(async () => {
    if (!(await hold(id))) throw new Error(HELD)
    return await holding(id, async () => {
      // Another tab may have gone on with it.
      const kept = await database.loadRun(id)
      if (kept === undefined) throw new Error(GONE)
      const fresh = { reason: undefined, ...kept, visible: true }
      if (findRun(id) === undefined) addRun(fresh)
      else updateRun(id, fresh)
      return { run: id, as: kept.phase === "finished" ? "finished" : "paused" }
    })
  })
}

/** `4 dense 32-16, fork of 1` of `1 dense 32-16`. */
const nameOfFork = (name: string): string => {
  const [, number, rest = name] = /^(\d+) (.*?)(?:, fork of \d+)?$/.exec(name) ?? []
  return `${nextNumber()} ${rest}, fork${number === undefined ? "" : ` of ${number}`}`
}

/** Begins a new run with the last checkpoint of another, paused; the other one stays as it is. */
export const fork = (id: string): Promise<void> =>
  beginning(async () => {
    if (id === session.get().run) await whenKept()
    const kept = await database.loadRun(id)
    if (kept === undefined) throw new Error(GONE)
    const { reason: _, ...same } = kept
    const run = make({
      ...same,
      color: nextColor(),
      created: Date.now(),
      name: nameOfFork(kept.name),
      note: `begun at step ${count(stepOf(kept))} of ${kept.name}`,
      visible: true,
      phase: "paused"
    })
    await holding(run.id, () => database.fork(id, run))
    addRun(run)
    return { run: run.id, as: "paused" }
  })

/** Forgets runs, for good. */
export const forget = async (ids: ReadonlyArray<string>): Promise<void> => {
  const others = ids.filter((id) => id !== session.get().run)
  const held = await Promise.all(others.map((id) => hold(id))), mine = others.filter((_, i) => held[i])
  if (mine.length < ids.length) refuse(HELD)
  if (await keeping("course", database.remove(mine))) mine.forEach(removeRun)
  mine.forEach(release)
  await measure()
}

/** Gives a run another name, or a note. */
export const describeRun = async (id: string, change: Pick<Run, "name" | "note">): Promise<void> => {
  updateRun(id, change)
  await (id === session.get().run ? keepCourse() : keeping("course", database.change(id, change)))
}

/** Asks something of the run that is loaded. */
const asking = (command: Command) => (value?: number): void =>
  dispatch({ type: "asked", command, ...(value === undefined ? {} : { value }) })

export const pause = asking("pause")
export const resume = asking("resume")
export const step = asking("step")
/** Ends the training; its weights stay in the worker until another run begins. */
export const stop = asking("stop")
/** Changes the learning rate from the next step on. */
export const setLearningRate = asking("setRate")

/** Takes in what other tabs have kept of runs that are not this tab's. */
export const refresh = async (ids: ReadonlyArray<string>): Promise<void> => {
  const { all, current } = runs.get(), known = new Set(all.map(({ id }) => id))
  const wanted = (await database.loadIds()).filter((id) => id !== current && (!known.has(id) || ids.includes(id)))
  const kept = await Promise.all(wanted.map(database.loadRun))
  // All at once, the oldest first: a table that is half filled says that runs are lost.
  for (const run of kept.filter((run) => run !== undefined).sort((a, b) => a.created - b.created)) {
    const before = findRun(run.id)
    if (before === undefined) addRun(run)
    // It may be this tab's by now.
    else if (run.id !== runs.get().current) updateRun(run.id, { ...run, visible: before.visible })
  }
}
