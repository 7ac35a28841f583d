import { Effect, Fiber } from "effect"
import { messageOf } from "../../../src/core/messageOf.ts"
import { forgetLooksAfter } from "../layers/looks.ts"
import type { Described } from "../training/definition.ts"
import { client, connect, disconnect, isLoss } from "./connection.ts"
import * as database from "./database.ts"
import { follow, keep } from "./follow.ts"
import { CHANNEL } from "./kept.ts"
import type { Kept } from "./kept.ts"
import { next, unborn } from "./life.ts"
import type { Command, Effect as ToDo, Event, Life } from "./life.ts"
import { release } from "./lock.ts"
import type { Remote as Client } from "./remote.ts"
import { currentRun, findRun, runs, stepOf, updateRun } from "./runs.ts"
import type { Run } from "./runs.ts"
import { forgetAfter } from "./samples.ts"
import { append, cutAfter } from "./series.ts"
import { settings } from "./settings.ts"
import { keeping, report } from "./storage.ts"
import { makeStore } from "./store.ts"
import { rememberRun } from "./tab.ts"

/** The life of the training in this tab, and what is known about it beside its course. */
export const session = makeStore<
  Life & {
    /** Said to those who cannot see that something has happened. */
    readonly announcement: string
    /** What the worker says of the experiment that it trains. */
    readonly about: Described | undefined
    /** The step of the last checkpoint that the worker has kept. */
    readonly kept: number | undefined
  }
>({ ...unborn, announcement: "", about: undefined, kept: undefined })

let following: Fiber.Fiber<unknown> | undefined

const unfollow = async (): Promise<void> => {
  const before = following
  following = undefined
  if (before !== undefined) await Effect.runPromise(Fiber.interrupt(before))
}

/** The current run as it is kept: in the phase that it is to have when the page is loaded again. */
const record = (): Run | undefined => {
  const run = currentRun(), { comesTo, phase } = session.get()
  return run && { ...run, phase: phase === "starting" ? comesTo : phase }
}

/** Keeps the course of the current run, and not its weights, which the worker keeps. */
export const keepCourse = async (): Promise<void> => {
  const run = record()
  if (run !== undefined) await keeping("course", database.save(run))
}

/** Keeps the current run, whose page is being left. */
export const keepAtOnce = (): void => {
  const run = record()
  if (run !== undefined) database.saveAtOnce(run)
}

const announce = (announcement: string): void => session.set({ announcement })

/** Lets something happen to the training, and does what is to be done about it. */
export const dispatch = (event: Event): void => {
  const before = session.get(), [life, effects] = next(before, event)
  if (life === before) return
  session.set(life)
  const { phase, reason, run } = life
  if (run !== runs.get().current) runs.set({ current: run })
  if (run !== undefined && (phase !== before.phase || run !== before.run)) updateRun(run, { phase, reason })
  if (phase === "failed" && before.phase !== "failed") announce(`Failed: ${reason}`)
  for (const effect of effects) void perform(effect)
}

const fail = (run: string, cause: unknown): void =>
  dispatch({ type: "failed", run, reason: messageOf(cause), isLost: isLoss(cause) })

const leave = async (id: string, phase: Run["phase"]): Promise<void> => {
  const worker = client(), run = findRun(id)
  if (worker !== undefined) {
    // A training that has come to its end cannot be paused, and need not be.
    await Effect.runPromise(Effect.ignoreCause(worker.pause))
    await keep(worker, id, phase)
  } else if (run !== undefined) await keeping("course", database.save({ ...run, phase }))
  await unfollow()
  updateRun(id, { phase })
  release(id)
}

/** Follows the training of the run that is loaded, to its end. */
const followTo = (worker: Client, run: Run): void => {
  let isAwaited = () => true
  const fiber = Effect.runFork(
    follow(worker, run.id, { keepCourse, answers: session.get().about?.answers ?? [] }).pipe(
      Effect.matchCause({
        onSuccess: () => {
          dispatch({ type: "finished", run: run.id })
          announce(`${run.name}: ${session.get().phase}`)
        },
        onFailure: (cause) => {
          const error = cause.reasons.find((reason) => reason._tag !== "Interrupt")
          if (error !== undefined) fail(run.id, error._tag === "Fail" ? error.error : error.defect)
          // A worker that is lost in the middle of an answer interrupts who reads it.
          else if (isAwaited()) dispatch({ type: "failed", run: run.id, reason: "the worker is lost", isLost: true })
        }
      })
    )
  )
  following = fiber
  isAwaited = () => following === fiber
}

const load = async (id: string, paused: boolean, isAwaited: () => boolean): Promise<void> => {
  await unfollow()
  const run = findRun(id)
  if (run?.choice === undefined || !isAwaited()) return
  rememberRun(id)
  session.set({ about: undefined, kept: undefined })
  const backend = run.backend ?? settings.get().backend
  updateRun(id, { backend })
  try {
    const worker = await connect(backend)
    if (!isAwaited()) return
    const { step } = await Effect.runPromise(
      worker.start({ choice: run.choice, backend, run: id, resume: database.isStored(id) }, { paused })
    )
    const about = await Effect.runPromise(worker.about) as Described
    if (!isAwaited()) return await disconnect()
    for (const series of [run.train, run.norms, ...Object.values(run.others)]) cutAfter(series, step)
    // Where the course was kept before the checkpoint was, or is not known, it goes on behind a gap.
    if (stepOf(run) < step) append(run.train, step, {}, step - stepOf(run))
    forgetAfter(run.samples, step)
    forgetLooksAfter(run.looks, step)
    session.set({ kept: step, about })
    updateRun(id, { stepsPerEpoch: about.stepsPerEpoch })
    dispatch({ type: "loaded", run: id })
    announce(`${run.name}: ${session.get().phase}`)
    followTo(worker, run)
  } catch (cause) {
    if (isAwaited()) fail(id, cause)
  }
  await keepCourse()
}

const questions: {
  readonly [C in Command]: (client: Client, value: number | undefined) => Effect.Effect<unknown, unknown>
} = {
  pause: (client) => client.pause,
  resume: (client) => client.resume,
  step: (client) => client.step(),
  stop: (client) => client.pause,
  setRate: (client, rate) => client.setLearningRate(rate!)
}

const keepWeights = async (worker: Client, run: string, phase: Run["phase"]): Promise<void> => {
  const kept = await keep(worker, run, phase)
  if (kept !== undefined) session.set({ kept })
}

const obey = async (command: Command, value: number | undefined): Promise<void> => {
  const { run } = session.get(), worker = client()
  if (run === undefined || worker === undefined) return
  const done = { type: "done", run, command } as const
  try {
    await Effect.runPromise(questions[command](worker, value))
    const [{ phase }] = next(session.get(), done)
    // What is shown as paused is kept, and is there when the page is loaded again.
    if (phase !== "running") await keepWeights(worker, run, phase)
    dispatch(done)
    announce(command === "setRate" ? `learning rate ${value}` : session.get().phase)
    if (phase === "running") await keepCourse()
  } catch (cause) {
    if (isLoss(cause)) fail(run, cause)
    else dispatch({ type: "refused", message: messageOf(cause) })
  }
}

// What changes the training comes one after the other.
let last: Promise<unknown> = Promise.resolve()

const inTurn = <A>(work: () => Promise<A>): Promise<A> => {
  const next = last.then(work)
  last = next.catch(() => undefined)
  return next
}

let loads = 0, leaving = 0

// So long a run that is left may take to be kept, before its worker is ended all the same.
const PATIENCE = 30_000

/** Ends the worker: at once, or when the run that is left for another one is kept. */
const cancel = async (): Promise<void> => {
  if (leaving === 0) return disconnect()
  let isKept = false
  const timer = setTimeout(() => void (isKept || disconnect()), PATIENCE)
  await inTurn(async () => {
    isKept = true
    clearTimeout(timer)
    await disconnect()
  })
}

const perform = (effect: ToDo): Promise<void> => {
  switch (effect.do) {
    case "cancel":
      return cancel()
    case "keep":
      return inTurn(keepNow)
    case "leave":
      leaving++
      return inTurn(() => leave(effect.run, effect.phase)).finally(() => leaving--)
    case "load": {
      // It may be stopped before it is loaded, and begun again.
      const mine = ++loads
      const isAwaited = () => mine === loads && session.get().phase === "starting"
      return inTurn(() => load(effect.run, effect.paused, isAwaited))
    }
    case "ask":
      return inTurn(() => obey(effect.command, effect.value))
  }
}

/** Keeps the current run with its weights, if there are any to be had. */
const keepNow = async (): Promise<void> => {
  const { isLoaded, phase, run } = session.get(), worker = client()
  if (run !== undefined && isLoaded && worker !== undefined) await keepWeights(worker, run, phase)
  else await keepCourse()
}

/** Waits until all that was asked is done, and keeps the current run as it is then. */
export const whenKept = (): Promise<void> => inTurn(keepNow)

/** Asks something of the worker, if it has the run. */
export const ask = <A, E>(question: (client: Client) => Effect.Effect<A, E>): Promise<A> => {
  const worker = session.get().isLoaded ? client() : undefined
  return worker === undefined
    ? Promise.reject(new Error("no run is loaded"))
    : Effect.runPromise(question(worker))
}

/** Hears from the worker what it has kept. */
export const hearOfKept = (): void => {
  new BroadcastChannel(CHANNEL).addEventListener("message", ({ data }: MessageEvent<Kept>) => {
    if (data.run !== session.get().run) return
    report("weights", data.problem)
    if (data.problem === undefined) session.set({ kept: data.step })
  })
}
