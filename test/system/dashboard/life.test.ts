import { assert, describe, it } from "@effect/vitest"
import { Run } from "effect-neuron"
import { reasonOf, splitsOf, whyNoMistakes } from "../../../dashboard/app/inspect/why.ts"
import { can, canBegin, next, phaseOf, unborn } from "../../../dashboard/app/state/life.ts"
import type { Command, Effect, Event, Life, Phase } from "../../../dashboard/app/state/life.ts"

const begin = (run: string, as: Phase = "running"): Event => ({ type: "begin", run, as })
const loaded = (run: string): Event => ({ type: "loaded", run })
const asked = (command: Command): Event => ({ type: "asked", command })
const done = (run: string, command: Command): Event => ({ type: "done", run, command })

/** The life after events, and all that was to be done on the way. */
const after = (...events: ReadonlyArray<Event>): { readonly life: Life; readonly effects: ReadonlyArray<Effect> } =>
  events.reduce<{ life: Life; effects: ReadonlyArray<Effect> }>(({ effects, life }, event) => {
    const [now, more] = next(life, event)
    return { life: now, effects: [...effects, ...more] }
  }, { life: unborn, effects: [] })

const running = [begin("a"), loaded("a")]
const commands: ReadonlyArray<Command> = ["pause", "resume", "step", "stop", "setRate"]

describe("the life of a training in a page", () => {
  it("comes to the phase that was asked for when the run is loaded, and not before", () => {
    for (const phase of ["running", "paused", "stopped", "finished"] as const) {
      assert.strictEqual(after(begin("a", phase)).life.phase, "starting")
      const { effects, life } = after(begin("a", phase), loaded("a"))
      assert.strictEqual(life.phase, phase)
      assert.deepStrictEqual(effects, [{ do: "load", run: "a", paused: phase !== "running" }])
    }
  })

  it("changes its phase when the worker has done what was asked, and not before", () => {
    const table = [["pause", "paused"], ["step", "paused"], ["stop", "stopped"], ["setRate", "running"]] as const
    for (const [command, phase] of table) {
      const { effects, life } = after(...running, asked(command))
      assert.strictEqual(life.phase, "running")
      assert.deepStrictEqual(effects.at(-1), { do: "ask", command, value: undefined })
      assert.strictEqual(next(life, done("a", command))[0].phase, phase)
    }
    assert.strictEqual(
      after(...running, asked("stop"), done("a", "stop"), asked("resume"), done("a", "resume")).life.phase,
      "running"
    )
  })

  it("begins one run of a double click", () => {
    const { effects, life } = after(begin("a"), begin("b"))
    assert.deepStrictEqual([life.run, effects.length], ["a", 1])
    assert.isFalse(canBegin(life))
    assert.isTrue(canBegin(unborn))
  })

  it("leaves a run for another at rest, so that it can be opened again", () => {
    const left = (...events: ReadonlyArray<Event>) =>
      after(...events, begin("b")).effects.find((effect) => effect.do === "leave")
    assert.deepStrictEqual(left(...running), { do: "leave", run: "a", phase: "paused" })
    assert.deepStrictEqual(left(begin("a", "stopped"), loaded("a")), { do: "leave", run: "a", phase: "stopped" })
    assert.deepStrictEqual(after(...running, begin("b"), done("a", "stop")).life.phase, "starting")
  })

  it("refuses with a message, and goes on as it was", () => {
    for (const events of [[], running, [begin("a", "paused"), loaded("a")]]) {
      const { life } = after(...events), [now, effects] = next(life, { type: "refused", message: "no" })
      assert.deepStrictEqual([now, effects], [{ ...life, message: "no" }, []])
    }
    const { life } = after(...running, { type: "refused", message: "no" }, asked("pause"))
    assert.isUndefined(life.message)
  })

  it("begins again from what was kept when it has failed, and can be asked as long as there is a worker", () => {
    const failed = (isLost: boolean): Event => ({ type: "failed", run: "a", reason: "out of order", isLost })
    const lost = after(...running, failed(true)), kept = after(...running, failed(false))
    assert.deepStrictEqual([lost.life.phase, lost.life.isLoaded, lost.life.reason], ["failed", false, "out of order"])
    assert.isTrue(kept.life.isLoaded)
    assert.deepStrictEqual(lost.effects.slice(1), [{ do: "cancel" }, { do: "keep" }])
    for (const { life } of [lost, kept]) {
      assert.deepStrictEqual(commands.filter((command) => can(life, command)), ["resume"])
      const [now, effects] = next(life, asked("resume"))
      assert.deepStrictEqual([now.phase, now.comesTo, now.reason], ["starting", "running", undefined])
      assert.deepStrictEqual(effects, [{ do: "load", run: "a", paused: false }])
      assert.strictEqual(next(life, done("a", "pause"))[0].phase, "failed")
    }
  })

  it("can be stopped while it starts: the worker ends, and what it fails with is no failure", () => {
    const { effects, life } = after(begin("a"), asked("stop"), {
      type: "failed",
      run: "a",
      reason: "ended",
      isLost: true
    })
    assert.deepStrictEqual([life.phase, life.isLoaded], ["stopped", false])
    assert.deepStrictEqual(effects.slice(1), [{ do: "cancel" }])
    assert.deepStrictEqual(next(life, asked("resume"))[1], [{ do: "load", run: "a", paused: false }])
  })

  it("finishes once, and what was asked before that changes nothing", () => {
    const { effects, life } = after(
      ...running,
      { type: "finished", run: "a" },
      { type: "finished", run: "a" },
      done("a", "pause")
    )
    assert.strictEqual(life.phase, "finished")
    assert.deepStrictEqual(effects.filter((effect) => effect.do === "keep").length, 1)
    assert.deepStrictEqual(commands.filter((command) => can(life, command)), [])
  })

  it("says why nothing of it is shown: that a question has failed, too, and that there are no examples", () => {
    assert.match(reasonOf(unborn), /^There is no run/)
    const { life } = after(...running)
    assert.match(reasonOf(life), /^Waiting/)
    assert.strictEqual(reasonOf(life, "x: expected [2]"), "The worker has no answer: x: expected [2]")
    assert.match(reasonOf({ ...life, isLoaded: false, phase: "starting" }, "no run is loaded"), /being loaded/)
    const sizes = { train: 9, validation: 0, test: 0 }
    assert.match(whyNoMistakes({ sizes })!, /no examples for validation or test/)
    assert.isUndefined(whyNoMistakes({ sizes: { ...sizes, test: 1 } }))
    assert.deepStrictEqual(splitsOf({ sizes: { ...sizes, test: 1 } }), ["test"])
  })

  it("is the life of a run, as folders have it, but for what is loaded and what was lost", () => {
    const states: ReadonlyArray<Phase> = Run.states.filter((state) => state !== "tested")
    const events = { pause: "pause", stop: "stop", step: "step", resume: "resume" } as const
    let compared = 0
    for (const phase of states) {
      const life: Life = { ...after(...running).life, phase }
      for (const [command, event] of Object.entries(events)) {
        const expected = Run.next(phase, event)
        if (!can(life, command as Command) || expected === undefined || phase === "starting") continue
        // One step is taken in a pause.
        if (command === "step" && phase === "running") continue
        assert.strictEqual(next(life, done("a", command as Command))[0].phase, expected, `${phase} ${command}`)
        compared++
      }
      for (const [event, type] of [["finish", "finished"], ["fail", "failed"]] as const) {
        const expected = Run.next(phase, event)
        if (expected === undefined || ["finished", "starting"].includes(phase)) continue
        const news: Event = type === "failed" ? { type, run: "a", reason: "", isLost: true } : { type, run: "a" }
        assert.strictEqual(next(life, news)[0].phase, expected, `${phase} ${event}`)
        compared++
      }
    }
    assert.strictEqual(compared, 9)
    assert.deepStrictEqual(Run.states.map((state) => phaseOf({ run: { state } })), [...states, "finished"])
    assert.deepStrictEqual([phaseOf({}), phaseOf({ killed: true, run: { state: "running" } })], ["stopped", "stopped"])
  })

  it("hears nothing of other runs", () => {
    const { life } = after(...running)
    for (
      const event of [
        loaded("b"),
        done("b", "pause"),
        { type: "finished", run: "b" },
        { type: "failed", run: "b", reason: "", isLost: true }
      ] as const
    ) assert.deepStrictEqual(next(life, event), [life, []])
  })
})
