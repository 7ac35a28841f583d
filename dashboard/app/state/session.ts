import { Effect, Exit, Fiber, Scope } from "effect"
import type { NdArray } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { messageOf } from "../../../src/core/messageOf.ts"
import { dashboard } from "../training/definition.ts"
import type { Choice } from "../training/definition.ts"
// oxlint-disable-next-line import/default -- Vite makes it
import TrainingWorker from "../training/worker.ts?worker"
import * as database from "./database.ts"
import { follow, keep } from "./follow.ts"
import { hold } from "./lock.ts"
import type { Remote as Client } from "./remote.ts"
import { addRun, currentRun, newRun, runs, updateRun } from "./runs.ts"
import type { Phase, Run } from "./runs.ts"
import { forgetAfter } from "./samples.ts"
import { cutAfter } from "./series.ts"
import { settings } from "./settings.ts"
import { makeStore } from "./store.ts"

/** What is known about the training in the worker beside its course. */
export const session = makeStore<{
  readonly phase: Phase
  readonly error: string | undefined
  /** Said to those who cannot see that something has happened. */
  readonly announcement: string
  readonly confusion: NdArray.NdArray | undefined
}>({ phase: "starting", error: undefined, announcement: "", confusion: undefined })

interface Connection {
  readonly client: Client
  readonly backend: string
  readonly scope: Scope.Closeable
}

let connection: Connection | undefined
let following: Fiber.Fiber<unknown> | undefined

const setPhase = (phase: Phase, announcement = ""): void => {
  const run = currentRun()
  if (run !== undefined) updateRun(run.id, { phase })
  session.set({ phase, ...(announcement === "" ? {} : { announcement }) })
}

const disconnect = async (): Promise<void> => {
  const before = connection
  connection = undefined
  if (before !== undefined) await Effect.runPromise(Scope.close(before.scope, Exit.void))
}

const fail = (cause: unknown): void => {
  // Whatever is asked of a worker that is lost starts another one, which only a new run shall; and a worker whose GPU
  // is lost is of no use.
  if (["WorkerLost", "DeviceError"].includes((cause as { readonly _tag?: string } | undefined)?._tag ?? "")) {
    void disconnect()
  }
  session.set({ error: messageOf(cause) })
  setPhase("failed", `Failed: ${messageOf(cause)}`)
}

/** The worker with a backend; one with another ends first. */
const connect = async (backend: string): Promise<Connection> => {
  if (connection?.backend === backend) return connection
  await disconnect()
  const scope = Scope.makeUnsafe()
  const worker = RemoteBrowser.layerWorker(() => new TrainingWorker({ name: backend }))
  const client = await Effect.runPromise(
    Remote.connect(dashboard).pipe(Effect.provide(worker), Scope.provide(scope))
  )
  connection = { client, backend, scope }
  return connection
}

const unfollow = async (): Promise<void> => {
  const before = following
  following = undefined
  if (before !== undefined) await Effect.runPromise(Fiber.interrupt(before))
}

const run = async (
  { choice, paused, resume, run }: {
    readonly choice: Choice
    readonly run: Run
    readonly resume?: Uint8Array<ArrayBuffer>
    readonly paused: boolean
  }
): Promise<void> => {
  await unfollow()
  addRun(run)
  runs.set({ current: run.id })
  session.set({ error: undefined, confusion: undefined })
  setPhase("starting")
  const { client } = await connect(settings.get().backend)
  const status = await Effect.runPromise(
    client.start(resume === undefined ? { choice } : { choice, resume }, { paused })
  )
  for (const series of [run.train, run.test, run.norms]) cutAfter(series, status.step)
  forgetAfter(run.samples, status.step)
  const phase = status.phase === "none" ? "stopped" : status.phase
  setPhase(phase, `${run.name}: ${phase}`)
  following = Effect.runFork(
    follow(client, run.id, (confusion) => session.set({ confusion })).pipe(
      Effect.matchCause({
        onSuccess: () => {
          if (session.get().phase === "running") setPhase("finished", `${run.name}: finished`)
        },
        onFailure: (cause) => {
          const error = cause.reasons.find((reason) => reason._tag !== "Interrupt")
          if (error !== undefined) fail(error._tag === "Fail" ? error.error : error.defect)
        }
      })
    )
  )
}

// What is asked of the worker to change the training comes one after the other.
let last: Promise<unknown> = Promise.resolve()
const inTurn = (change: () => Promise<void>): Promise<void> => {
  const next = last.then(change).catch(fail)
  last = next
  return next
}

const describe = (choice: Choice): string =>
  choice.task === "classifier"
    ? `${choice.model}, ${choice.optimizer} ${choice.learningRate}`
    : `generator, ${choice.model}, ${choice.loss} ${choice.learningRate}`

/** Starts a new run. */
export const start = (choice: Choice): Promise<void> =>
  inTurn(async () => {
    const count = runs.get().all.filter(({ kind }) => kind === "page").length + 1
    const id = crypto.randomUUID(), before = currentRun()
    await hold(id)
    if (before !== undefined && connection !== undefined) await Effect.runPromise(keep(connection.client, before.id))
    const name = `${count} ${describe(choice)}`
    await run({ choice, paused: false, run: newRun({ id, name, kind: "page", choice }) })
  })

/** Goes on with a run from a checkpoint, as it was: running or paused. */
export const restore = (saved: Run, resume: Uint8Array<ArrayBuffer>): Promise<void> =>
  inTurn(() =>
    run({
      choice: saved.choice!,
      paused: saved.phase !== "running" && saved.phase !== "finished",
      resume,
      run: saved
    })
  )

/** Asks something of the worker, if there is one. */
export const ask = <A, E>(question: (client: Client) => Effect.Effect<A, E>): Promise<A> =>
  connection === undefined
    ? Promise.reject(new Error("there is no worker yet"))
    : Effect.runPromise(question(connection.client))

const change = (phase: Phase, question: (client: Client) => Effect.Effect<unknown, unknown>): Promise<void> =>
  inTurn(async () => {
    await ask(question)
    const run = currentRun()
    if (run !== undefined && connection !== undefined && phase === "paused") {
      updateRun(run.id, { phase })
      // What is shown as paused is kept, and is there when the page is loaded again.
      await Effect.runPromise(keep(connection.client, run.id))
    }
    setPhase(phase, phase)
  })

export const pause = (): Promise<void> => change("paused", (client) => client.pause)

/** Goes on: with a run that has failed, a lost device say, from what was last kept of it. */
export const resume = (): Promise<void> =>
  session.get().phase !== "failed" ? change("running", (client) => client.resume) : inTurn(async () => {
    const failed = currentRun(), kept = failed && await database.loadCheckpoint(failed.id)
    if (failed?.choice === undefined || kept === undefined) throw new Error("nothing of this run was kept")
    await run({ choice: failed.choice, paused: false, resume: kept, run: failed })
  })

export const step = (count = 1): Promise<void> => change("paused", (client) => client.step(count))

/** Ends the training; its course stays, and so does what was last kept of it. */
export const stop = (): Promise<void> =>
  inTurn(async () => {
    const run = currentRun()
    if (run !== undefined && connection !== undefined) await Effect.runPromise(keep(connection.client, run.id))
    setPhase("stopped", "stopped")
    await unfollow()
    await ask((client) => client.stop)
  })

/** Changes the learning rate from the next step on. */
export const setLearningRate = (rate: number): Promise<void> =>
  inTurn(async () => {
    await ask((client) => client.setLearningRate(rate))
    session.set({ announcement: `learning rate ${rate}` })
  })
