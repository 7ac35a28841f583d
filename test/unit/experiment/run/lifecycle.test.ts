import { assert, describe, it } from "@effect/vitest"
import { Run } from "effect-neuron"

const events: ReadonlyArray<Run.Event> = ["start", "step", "pause", "resume", "stop", "fail", "finish", "test"]

describe("the life cycle of a run", () => {
  it("is this table, of states by events", () => {
    const table = Object.fromEntries(Run.states.map((state) => [
      state,
      Object.fromEntries(events.flatMap((event) => {
        const next = Run.next(state, event)
        return next === undefined ? [] : [[event, next]]
      }))
    ]))
    const going: { readonly [E in Run.Event]?: Run.State } = {
      start: "starting",
      stop: "stopped",
      fail: "failed",
      finish: "finished"
    }
    assert.deepStrictEqual(table, {
      starting: { ...going, step: "running", pause: "paused" },
      running: { ...going, step: "running", pause: "paused" },
      paused: { ...going, step: "paused", resume: "running" },
      stopped: { start: "starting" },
      failed: { start: "starting" },
      finished: { start: "starting", fail: "failed", test: "tested" },
      tested: { start: "starting", fail: "failed", test: "tested" }
    })
  })
})
