/** Where a run stands. */
export type State = "starting" | "running" | "paused" | "stopped" | "failed" | "finished" | "tested"

/** What happens to a run. */
export type Event = "start" | "step" | "pause" | "resume" | "stop" | "fail" | "finish" | "test"

/**
 * The states, in the order in which a run comes to them, with those between in which it stands still or ends too early.
 *
 * @example
 * ```ts
 * import { Run } from "effect-neuron"
 *
 * Run.states.filter((state) => Run.next(state, "test") !== undefined) // => ["finished", "tested"]
 * ```
 */
export const states: ReadonlyArray<State> = [
  ...["starting", "running", "paused", "stopped", "failed", "finished", "tested"] as const
]

// A run that says it is starting or running may have been killed, so that any can be started again.
const table: { readonly [S in State]: { readonly [E in Event]?: State } } = {
  starting: {
    ...{ start: "starting", step: "running", pause: "paused", stop: "stopped", fail: "failed", finish: "finished" }
  },
  running: {
    ...{ start: "starting", step: "running", pause: "paused", stop: "stopped", fail: "failed", finish: "finished" }
  },
  paused: {
    ...{ start: "starting", step: "paused", resume: "running", stop: "stopped", fail: "failed", finish: "finished" }
  },
  stopped: { start: "starting" },
  failed: { start: "starting" },
  finished: { start: "starting", fail: "failed", test: "tested" },
  tested: { start: "starting", fail: "failed", test: "tested" }
}

/**
 * The life cycle of a run: the state that follows when something happens in a state; `undefined` where that cannot
 * happen. A run that was killed says what it said last, and is started again from there.
 *
 * @example
 * ```ts
 * import { Run } from "effect-neuron"
 *
 * Run.next("starting", "step") // => "running"
 * Run.next("running", "stop") // => "stopped"
 * Run.next("stopped", "test") // => undefined
 * ```
 */
export const next = (state: State, event: Event): State | undefined => table[state][event]
