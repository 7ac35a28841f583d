import type { Run } from "effect-neuron"

/**
 * Where the training of a page stands: the states of a run (`Run.states`), which follow each other as `Run.next` has it,
 * except that one that was stopped goes on at once while its worker has it. A page tests a run that has come to its end
 * before it says so: what is finished there is tested.
 */
export type Phase = Exclude<Run.State, "tested">

/** The phase of a run as its folder is listed; of one that cannot be read nothing goes on. */
export const phaseOf = ({ killed, run }: {
  readonly killed?: true
  readonly run?: { readonly state: Run.State }
}): Phase => run === undefined || killed ? "stopped" : run.state === "tested" ? "finished" : run.state

/** What a person asks of the run that is loaded. */
export type Command = "pause" | "resume" | "step" | "stop" | "setRate"

/** The life of the training in this tab. */
export interface Life {
  readonly phase: Phase
  /** The run that the tab has; none before the first. */
  readonly run: string | undefined
  /** What the phase becomes when the run is loaded into the worker. */
  readonly comesTo: Phase
  /** Whether the worker holds the run's training, which can then be asked, whatever the phase. */
  readonly isLoaded: boolean
  /** Whether another run is being fetched that will take its place: nothing else begins meanwhile. */
  readonly isReserved: boolean
  /** Why the run has failed. */
  readonly reason: string | undefined
  /** What was refused, in a sentence. The training is not concerned. */
  readonly message: string | undefined
}

export type Event =
  /** What a run begins with is fetched, which takes a while: its `begin` follows, or `unreserve` where there is none. */
  | { readonly type: "reserve" }
  | { readonly type: "unreserve" }
  /** A run, a new one or one that was kept, takes the place of the one that the tab has. */
  | {
    readonly type: "begin"
    readonly run: string
    readonly as: Phase
    readonly reason?: string | undefined
    /** Whether it is the one that the place is reserved for. */
    readonly isReserved?: boolean
  }
  | { readonly type: "loaded"; readonly run: string }
  | { readonly type: "asked"; readonly command: Command; readonly value?: number }
  /** The worker has done what was asked. */
  | { readonly type: "done"; readonly run: string; readonly command: Command }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "finished"; readonly run: string }
  /** With `isLost` there is no worker any more that could be asked. */
  | { readonly type: "failed"; readonly run: string; readonly reason: string; readonly isLost: boolean }

/** What is to be done, one after the other, but for `cancel`, which comes as soon as it can. */
export type Effect =
  /** Keeps the run, in the phase that it is left in, and lets other tabs have it. */
  | { readonly do: "leave"; readonly run: string; readonly phase: Phase }
  | { readonly do: "load"; readonly run: string; readonly paused: boolean }
  | { readonly do: "ask"; readonly command: Command; readonly value: number | undefined }
  | { readonly do: "keep" }
  /** Ends the worker, as soon as nothing of a run that is left is to be kept any more. */
  | { readonly do: "cancel" }

export const unborn: Life = {
  phase: "starting",
  run: undefined,
  comesTo: "running",
  isLoaded: false,
  isReserved: false,
  reason: undefined,
  message: undefined
}

const allowed: { readonly [C in Command]: ReadonlyArray<Phase> } = {
  pause: ["running"],
  resume: ["paused", "stopped", "failed"],
  step: ["running", "paused", "stopped"],
  stop: ["starting", "running", "paused"],
  setRate: ["running", "paused", "stopped"]
}

/** What the phase is when a command is done. */
const after: { readonly [C in Command]: Phase | undefined } = {
  pause: "paused",
  resume: "running",
  step: "paused",
  stop: "stopped",
  setRate: undefined
}

/** Whether a command would do something now. */
export const can = ({ isLoaded, phase, run }: Life, command: Command): boolean =>
  run !== undefined && allowed[command].includes(phase) && (isLoaded || command === "resume" || command === "stop")

/** Whether another run could begin now: not while one begins or is fetched, so that a double click begins one. */
export const canBegin = ({ isReserved, phase, run }: Life): boolean =>
  !isReserved && (phase !== "starting" || run === undefined)

/** The phase that a run has when nobody trains it: as it was, but not running. */
export const atRest = (phase: Phase): Phase => phase === "running" || phase === "starting" ? "paused" : phase

const BUSY = "Another run is about to begin here."

type Next = readonly [Life, ReadonlyArray<Effect>]

const begin = (life: Life, run: string, as: Phase, reason?: string): Next => {
  const { phase, run: before } = life
  const left: ReadonlyArray<Effect> = before === undefined || before === run
    ? []
    : [{ do: "leave", run: before, phase: atRest(phase) }]
  return [
    { phase: "starting", run, comesTo: as, isLoaded: false, isReserved: false, reason, message: undefined },
    [...left, { do: "load", run, paused: as !== "running" }]
  ]
}

const busy = (life: Life): Next => [{ ...life, message: BUSY }, []]

const asked = (life: Life, command: Command, value: number | undefined): Next => {
  if (!can(life, command)) return [life, []]
  const { isLoaded, phase, run } = life
  // A training that has failed takes no more steps: it begins again from what was last kept of it.
  if (command === "resume" && (phase === "failed" || !isLoaded)) {
    return canBegin(life) ? begin(life, run!, "running") : busy(life)
  }
  if (command === "stop" && phase === "starting") {
    return [{ ...life, phase: "stopped", message: undefined }, [{ do: "cancel" }]]
  }
  return [{ ...life, message: undefined }, [{ do: "ask", command, value }]]
}

/** What an event makes of the life of a training, and what is to be done about it. News of another run are none. */
export const next = (life: Life, event: Event): Next => {
  if (event.type === "refused") return [{ ...life, message: event.message }, []]
  if (event.type === "asked") return asked(life, event.command, event.value)
  if (event.type === "reserve") {
    return canBegin(life)
      ? [{ ...life, isReserved: true, message: undefined }, []]
      : busy(life)
  }
  if (event.type === "unreserve") return life.isReserved ? [{ ...life, isReserved: false }, []] : [life, []]
  if (event.type === "begin") {
    // Nothing begins while a place is reserved, so that the run that it is reserved for always can.
    const isFree = life.isReserved ? event.isReserved === true : canBegin(life)
    return isFree ? begin(life, event.run, event.as, event.reason) : busy(life)
  }
  if (event.run !== life.run) return [life, []]
  const isOver = life.phase === "finished" || life.phase === "failed"
  switch (event.type) {
    case "loaded":
      return life.phase === "starting" ? [{ ...life, phase: life.comesTo, isLoaded: true }, []] : [life, []]
    case "done":
      return isOver || !life.isLoaded ? [life, []] : [{ ...life, phase: after[event.command] ?? life.phase }, []]
    case "finished":
      return isOver || !life.isLoaded ? [life, []] : [{ ...life, phase: "finished" }, [{ do: "keep" }]]
    case "failed": {
      // What was cancelled fails, which is no news.
      if (life.phase === "stopped" && !life.isLoaded) return [life, []]
      const failed = {
        ...life,
        phase: "failed",
        reason: event.reason,
        isLoaded: life.isLoaded && !event.isLost
      } as const
      return [failed, event.isLost ? [{ do: "cancel" }, { do: "keep" }] : [{ do: "keep" }]]
    }
  }
}
