import { Effect, Stream } from "effect"
import { assert, beforeEach, describe, it, vi } from "vitest"
import type { Run } from "../../../dashboard/app/state/runs.ts"

/** What the page does beside itself: what it keeps, holds, and asks a worker, in their order. */
const { connection, database, held, log } = vi.hoisted(() => ({
  log: [] as Array<string>,
  held: new Set<string>(),
  database: new Map<string, Run>(),
  connection: { client: undefined as object | undefined, checkpoint: Promise.resolve(), kept: Promise.resolve() }
}))

vi.mock("../../../dashboard/app/state/lock.ts", () => ({
  hold: async (id: string) => !!held.add(id),
  release: (id: string) => held.delete(id)
}))

vi.mock("../../../dashboard/app/state/settings.ts", () => ({ settings: { get: () => ({ backend: "wasm" }) } }))

vi.mock("../../../dashboard/app/state/database.ts", () => ({
  events: new EventTarget(),
  problemOf: String,
  isStored: (id: string) => database.has(id),
  loadRun: async (id: string) => (await connection.kept, database.get(id)),
  save: async (run: Run, checkpoint?: Uint8Array) => {
    if (checkpoint !== undefined) log.push(`kept ${run.id}`)
    database.set(run.id, run)
  },
  fork: async (from: string, run: Run) => {
    if (from === "broken") throw new Error("no room")
    database.set(run.id, run)
  }
}))

vi.mock("../../../dashboard/app/state/connection.ts", () => ({
  isLoss: () => false,
  client: () => connection.client,
  disconnect: async () => {
    log.push("ended")
    connection.client = undefined
  },
  connect: async () =>
    connection.client ??= {
      start: ({ run }: { readonly run: string }) => Effect.sync(() => (log.push(`started ${run}`), { step: 0 })),
      about: Effect.succeed({ answers: [], steps: 9 }),
      watch: () => Stream.never,
      pause: Effect.void,
      status: Effect.succeed({ step: 0 }),
      checkpoint: Effect.promise(() => connection.checkpoint).pipe(Effect.as(new Uint8Array(1)))
    }
}))

const { fork, open, resume, stop } = await import("../../../dashboard/app/state/commands.ts")
const { newRun, runs } = await import("../../../dashboard/app/state/runs.ts")
const { dispatch, session } = await import("../../../dashboard/app/state/session.ts")
const { unborn } = await import("../../../dashboard/app/state/life.ts")

const choice = { experiment: "digits", config: {} }

const until = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 30_000, interval: 1 })

/** A promise, and what keeps it. */
const gate = () => Promise.withResolvers<void>()

beforeEach(() => {
  log.splice(0)
  held.clear()
  database.clear()
  Object.assign(connection, { client: undefined, checkpoint: Promise.resolve(), kept: Promise.resolve() })
  for (const id of ["a", "b", "broken"]) {
    database.set(id, newRun({ id, name: `1 ${id}`, kind: "page", phase: "paused", choice }))
  }
  runs.set({ all: [...database.values()], current: undefined })
  session.set(unborn)
})

describe("a run that begins in a page", () => {
  it("is one of two that are opened or forked at once, and nothing is held or kept of the other", async () => {
    const commands = [() => open("a"), () => open("b"), () => fork("a")]
    for (const [first, second] of [[0, 1], [2, 2], [0, 2], [2, 1]] as const) {
      const fetched = gate(), kept = database.size
      connection.kept = fetched.promise
      const both = [commands[first]!(), commands[second]!()]
      assert.isTrue(session.get().isReserved)
      assert.match(session.get().message!, /^Another run is about to begin/)
      fetched.resolve()
      await Promise.all(both)
      await until(() => session.get().phase === "paused")
      assert.deepStrictEqual([...held], [session.get().run])
      assert.strictEqual(database.size, kept + (first === 2 ? 1 : 0))
      assert.isUndefined(session.get().message)
      held.clear()
      session.set(unborn)
    }
  })

  it("is none where it cannot be kept: it says so, and nothing is held", async () => {
    await fork("broken")
    const { isReserved, message, run } = session.get()
    assert.deepStrictEqual([isReserved, message, run], [false, "no room", undefined])
    assert.deepStrictEqual([...held], [])
    assert.lengthOf(runs.get().all, 3)
  })

  it("does not begin while the one before is fetched again: that is refused", async () => {
    const fetched = gate()
    await open("a")
    await until(() => session.get().phase === "paused")
    dispatch({ type: "failed", run: "a", reason: "out of order", isLost: true })
    connection.kept = fetched.promise
    const opening = open("b")
    resume()
    assert.strictEqual(session.get().phase, "failed")
    fetched.resolve()
    await opening
    assert.strictEqual(session.get().run, "b")
  })

  it("is stopped while it starts when the one that is left is kept, and begins again after that", async () => {
    await open("a")
    await until(() => session.get().phase === "paused")
    const asked = gate()
    connection.checkpoint = asked.promise
    await open("b")
    stop()
    resume()
    assert.strictEqual(session.get().phase, "starting")
    log.splice(0)
    asked.resolve()
    await until(() => session.get().phase === "running")
    assert.deepStrictEqual(log, ["kept a", "ended", "started b"])
    assert.deepStrictEqual([...held], ["b"])
  })
})
