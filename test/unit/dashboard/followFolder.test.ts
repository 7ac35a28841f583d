import { afterAll, assert, beforeAll, describe, it, vi } from "vitest"

/** A server with run folders, and what it was asked. */
const { asked, states } = vi.hoisted(() => ({
  asked: { listings: 0, metrics: [] as Array<string> },
  states: new Map<string, { state: string; step: number }>()
}))

vi.mock("../../../dashboard/app/state/settings.ts", () => ({ settings: { set: () => undefined } }))

vi.mock("../../../dashboard/app/state/server.ts", () => ({
  about: { get: () => ({ runs: "runs" }) },
  listFolders: async () => {
    asked.listings++
    return Array.from(states, ([name, run]) => ({ name, run: { ...run } }))
  },
  metricsFrom: async (name: string, from: number) => {
    asked.metrics.push(name)
    const { step } = states.get(name)!
    const lines = Array.from({ length: step - from }, (_, i) => ({ split: "train", step: from + i + 1, loss: 1 }))
    return { lines, next: step, anew: false }
  }
}))

const { hideFolder, showFolder } = await import("../../../dashboard/app/compare/followFolder.ts")
const { watchListing } = await import("../../../dashboard/app/compare/listing.ts")
const { findRun, stepOf } = await import("../../../dashboard/app/state/runs.ts")

/** What is asked in so many seconds. */
const within = async (seconds: number) => {
  asked.listings = 0
  asked.metrics.splice(0)
  await vi.advanceTimersByTimeAsync(1000 * seconds)
  const of = (name: string) => asked.metrics.filter((found) => found === name).length
  return { listings: asked.listings, of }
}

describe("run folders in the charts", () => {
  beforeAll(() => void vi.useFakeTimers())
  afterAll(() => void vi.useRealTimers())

  it("have one listing for all, and those that are at rest are not read again", async () => {
    states.set("running", { state: "running", step: 5 })
    for (const name of ["tested", "second", "third"]) states.set(name, { state: "tested", step: 9 })
    states.set("stopped", { state: "stopped", step: 7 })
    for (const name of states.keys()) showFolder(name)
    await within(12)
    assert.deepStrictEqual(
      ["running", "tested", "stopped"].map((
        name
      ) => [stepOf(findRun(`folder ${name}`)!), findRun(`folder ${name}`)!.phase]),
      [[5, "running"], [9, "finished"], [7, "stopped"]]
    )
    const later = await within(60)
    assert.strictEqual(later.listings, 30)
    assert.deepStrictEqual(["tested", "second", "third", "stopped"].map(later.of), [0, 0, 0, 0])
    assert.strictEqual(later.of("running"), 15)
  })

  it("are read by one loop each, taken out and brought in again too", async () => {
    for (let i = 0; i < 5; i++) {
      hideFolder("running")
      showFolder("running")
    }
    await within(12)
    assert.strictEqual((await within(60)).of("running"), 15)
  })

  it("are read on when they are gone on with", async () => {
    states.set("stopped", { state: "running", step: 8 })
    states.set("tested", { state: "tested", step: 12 })
    await within(12)
    assert.deepStrictEqual(["stopped", "tested"].map((name) => stepOf(findRun(`folder ${name}`)!)), [8, 12])
  })

  it("are asked for no more when all have come to their ends, until somebody looks at the folders", async () => {
    for (const name of ["running", "stopped"]) states.set(name, { state: "tested", step: 20 })
    await within(20)
    assert.strictEqual(stepOf(findRun("folder running")!), 20)
    const rest = await within(60)
    assert.deepStrictEqual([rest.listings, asked.metrics], [0, []])
    states.set("running", { state: "running", step: 21 })
    const unwatch = watchListing()
    await within(10)
    unwatch()
    assert.strictEqual(stepOf(findRun("folder running")!), 21)
    hideFolder("running")
    await within(10)
    assert.strictEqual((await within(60)).listings, 0)
  })
})
