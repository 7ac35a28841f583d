import { Data } from "effect"

/** What a client asked for cannot be had now, or not of this training. */
export class TrainingUnavailable extends Data.TaggedError("TrainingUnavailable")<{
  readonly operation: string
  readonly reason: string
}> {
  override get message() {
    return `${this.operation}: ${this.reason}`
  }
}

/**
 * The worker could not be started, crashed, or ended; what was in it is lost. A new one takes its place when something
 * is asked of it again. `reason` is the message of the error that ended its program, where one did.
 */
export class WorkerLost extends Data.TaggedError("WorkerLost")<{
  readonly reason: string
  readonly cause: unknown
}> {
  override get message() {
    return `the worker is lost: ${this.reason}`
  }
}
